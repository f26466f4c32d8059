import { SqlError, SqlState } from '../../base/index.ts';
import type { Interval } from '../datum.ts';
import { datetimeOutOfRangeError } from '../type-error.ts';
import {
  civilFromDays,
  DATE_INFINITY,
  DATE_MAX,
  DATE_MIN,
  daysFromCivil,
  daysInMonth,
  isInfiniteTimestamp,
  isTimestampInRange,
  joinTimestamp,
  MICROS_PER_DAY_BIGINT,
  splitTimestamp,
  TIMESTAMP_INFINITY,
  TIMESTAMP_NEGATIVE_INFINITY,
} from './calendar.ts';
import { INFINITE_INTERVAL, isInfiniteInterval, justifyHours, NEGATIVE_INFINITE_INTERVAL, negateInterval } from './interval.ts';
import { localToUtc, timeZone, utcToLocal } from './time-zone.ts';

/** timestamp + interval: months first (day clamped to the month's end), then days, then micros. */
export function addToTimestamp(micros: bigint, interval: Interval): bigint {
  const infinite = addInfinite(micros, interval);
  if (infinite !== null) return infinite;
  return checkTimestamp(shiftCalendar(micros, interval) + interval.micros);
}

/** timestamptz + interval: months and days move the wall clock of the zone, micros are absolute. */
export function addToTimestamptz(micros: bigint, interval: Interval, zoneName: string): bigint {
  const infinite = addInfinite(micros, interval);
  if (infinite !== null) return infinite;
  if (interval.months === 0 && interval.days === 0) return checkTimestamp(micros + interval.micros);
  const zone = timeZone(zoneName);
  return checkTimestamp(localToUtc(zone, shiftCalendar(utcToLocal(zone, micros), interval)) + interval.micros);
}

export function subtractFromTimestamp(micros: bigint, interval: Interval): bigint {
  return addToTimestamp(micros, negateInterval(interval));
}

/** timestamp - timestamp: days and a time, never months. */
export function timestampDifference(left: bigint, right: bigint): Interval {
  if (isInfiniteTimestamp(left) || isInfiniteTimestamp(right)) {
    if (left === right) throw datetimeOutOfRangeError('interval');
    return left === TIMESTAMP_INFINITY || right === TIMESTAMP_NEGATIVE_INFINITY ? INFINITE_INTERVAL : NEGATIVE_INFINITE_INTERVAL;
  }
  return justifyHours({ months: 0, days: 0, micros: left - right });
}

/** age(): years, months, days and a time, counted on the calendar. */
export function timestampAge(left: bigint, right: bigint): Interval {
  if (isInfiniteTimestamp(left) || isInfiniteTimestamp(right)) return timestampDifference(left, right);
  const negative = left < right;
  const later = fieldsOf(negative ? right : left);
  const earlier = fieldsOf(negative ? left : right);
  let micros = later.timeMicros - earlier.timeMicros;
  let days = later.day - earlier.day;
  let months = (later.year - earlier.year) * 12 + later.month - earlier.month;
  while (micros < 0) {
    micros += 86_400_000_000;
    days--;
  }
  // The borrowed month is the one the earlier date lies in.
  while (days < 0) {
    days += daysInMonth(earlier.year, earlier.month);
    months--;
  }
  const value = { months, days, micros: BigInt(micros) };
  return negative ? negateInterval(value) : value;
}

/** date + integer days; 22008 beyond the range. */
export function addDays(days: number, count: number): number {
  if (days === DATE_INFINITY || days === -DATE_INFINITY - 1) return days;
  const sum = days + count;
  if (sum < DATE_MIN || sum > DATE_MAX) throw datetimeOutOfRangeError('date');
  return sum;
}

/** Micros since 1970 of midnight; infinities keep. */
export function dateToTimestamp(days: number): bigint {
  if (days === DATE_INFINITY) return TIMESTAMP_INFINITY;
  if (days === -DATE_INFINITY - 1) return TIMESTAMP_NEGATIVE_INFINITY;
  const micros = BigInt(days) * MICROS_PER_DAY_BIGINT;
  if (!isTimestampInRange(micros)) throw new SqlError({ code: SqlState.datetimeFieldOverflow, message: 'date out of range for timestamp' });
  return micros;
}

export function timestampToDate(micros: bigint): number {
  if (micros === TIMESTAMP_INFINITY) return DATE_INFINITY;
  if (micros === TIMESTAMP_NEGATIVE_INFINITY) return -DATE_INFINITY - 1;
  return splitTimestamp(micros).days;
}

/** Wall-clock time of the zone as an instant, and back; infinities keep. */
export function timestampToTimestamptz(local: bigint, zoneName: string): bigint {
  return isInfiniteTimestamp(local) ? local : checkTimestamp(localToUtc(timeZone(zoneName), local));
}

export function timestamptzToTimestamp(utc: bigint, zoneName: string): bigint {
  return isInfiniteTimestamp(utc) ? utc : checkTimestamp(utcToLocal(timeZone(zoneName), utc));
}

export function checkTimestamp(micros: bigint): bigint {
  if (!isTimestampInRange(micros)) throw datetimeOutOfRangeError('timestamp');
  return micros;
}

/** date_bin: the start of the stride, counted from the origin, that holds the timestamp. */
export function binTimestamp(stride: Interval, source: bigint, origin: bigint): bigint {
  if (isInfiniteTimestamp(source)) return source;
  if (isInfiniteTimestamp(origin)) throw datetimeOutOfRangeError('origin');
  if (isInfiniteInterval(stride))
    throw new SqlError({ code: SqlState.datetimeFieldOverflow, message: 'timestamps cannot be binned into infinite intervals' });
  if (stride.months !== 0) {
    throw new SqlError({ code: SqlState.featureNotSupported, message: 'timestamps cannot be binned into intervals containing months or years' });
  }
  const width = BigInt(stride.days) * MICROS_PER_DAY_BIGINT + stride.micros;
  if (width <= 0n) throw new SqlError({ code: SqlState.datetimeFieldOverflow, message: 'stride must be greater than zero' });
  const distance = source - origin;
  const remainder = distance % width;
  return checkTimestamp(source - remainder - (remainder < 0n ? width : 0n));
}

function shiftCalendar(micros: bigint, interval: Interval): bigint {
  if (interval.months === 0) return micros + BigInt(interval.days) * MICROS_PER_DAY_BIGINT;
  const { year, month, day, timeMicros } = fieldsOf(micros);
  const months = year * 12 + month - 1 + interval.months;
  const shiftedYear = Math.floor(months / 12);
  const shiftedMonth = months - shiftedYear * 12 + 1;
  const days = daysFromCivil(shiftedYear, shiftedMonth, Math.min(day, daysInMonth(shiftedYear, shiftedMonth)));
  return joinTimestamp(days + interval.days, timeMicros);
}

function fieldsOf(micros: bigint): { year: number; month: number; day: number; timeMicros: number } {
  const { days, timeMicros } = splitTimestamp(micros);
  return { ...civilFromDays(days), timeMicros };
}

function addInfinite(micros: bigint, interval: Interval): bigint | null {
  const infiniteInterval = isInfiniteInterval(interval);
  if (isInfiniteTimestamp(micros)) {
    const opposite = infiniteInterval && interval.months > 0 !== micros > 0n;
    if (opposite) throw datetimeOutOfRangeError('timestamp');
    return micros;
  }
  if (!infiniteInterval) return null;
  return interval.months > 0 ? TIMESTAMP_INFINITY : TIMESTAMP_NEGATIVE_INFINITY;
}
