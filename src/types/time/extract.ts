import type { Decimal, Interval } from '../datum.ts';
import { decimal, INFINITY_DECIMAL, NEGATIVE_INFINITY_DECIMAL } from '../numeric/index.ts';
import { civilFromDays, dayOfWeek, daysFromCivil, isInfiniteDate, isInfiniteTimestamp, isoWeek, splitTimestamp } from './calendar.ts';
import { type DatetimeUnit, datetimeUnit, unsupportedUnitError } from './datetime-unit.ts';
import { isInfiniteInterval } from './interval.ts';
import { timeZone, utcToLocal } from './time-zone.ts';

const TIMESTAMP_NAME = 'timestamp without time zone';
const TIMESTAMPTZ_NAME = 'timestamp with time zone';
const JULIAN_DAY_OF_1970 = 2_440_588;

/** extract(field from timestamp); null where an infinite value has no such field. */
export function extractTimestamp(name: string, micros: bigint): Decimal | null {
  const unit = datetimeUnit(name, TIMESTAMP_NAME);
  if (unit.startsWith('timezone')) throw unsupportedUnitError(name, TIMESTAMP_NAME);
  if (isInfiniteTimestamp(micros)) return infiniteField(unit, micros > 0n);
  if (unit === 'epoch') return decimal(micros, 6);
  return localField(unit, micros);
}

/** extract(field from timestamptz), in the wall-clock time of the zone. */
export function extractTimestamptz(name: string, micros: bigint, zoneName: string): Decimal | null {
  const unit = datetimeUnit(name, TIMESTAMPTZ_NAME);
  if (isInfiniteTimestamp(micros)) return infiniteField(unit, micros > 0n);
  if (unit === 'epoch') return decimal(micros, 6);
  const zone = timeZone(zoneName);
  const offset = zone.offsetAt(micros);
  switch (unit) {
    case 'timezone':
      return decimal(BigInt(offset));
    case 'timezone_hour':
      return decimal(BigInt(Math.trunc(offset / 3600)));
    case 'timezone_minute':
      return decimal(BigInt(Math.trunc(offset / 60) % 60));
    default:
      return localField(unit, utcToLocal(zone, micros));
  }
}

/** extract(field from date): fields of the time of day are not supported. */
export function extractDate(name: string, days: number): Decimal | null {
  const unit = datetimeUnit(name, 'date');
  if (/^(?:microseconds|milliseconds|second|minute|hour|timezone.*)$/.test(unit)) throw unsupportedUnitError(name, 'date');
  if (isInfiniteDate(days)) return infiniteField(unit, days > 0);
  if (unit === 'epoch') return decimal(BigInt(days) * 86_400n);
  return dayField(unit, days);
}

export function extractTime(name: string, timeMicros: number): Decimal {
  const unit = datetimeUnit(name, 'time without time zone');
  if (unit === 'epoch') return decimal(BigInt(timeMicros), 6);
  const value = clockField(unit, timeMicros);
  if (value === null) throw unsupportedUnitError(name, 'time without time zone');
  return value;
}

export function extractInterval(name: string, value: Interval): Decimal | null {
  const unit = datetimeUnit(name, 'interval');
  const years = Math.trunc(value.months / 12);
  if (isInfiniteInterval(value)) return infiniteInterval(unit, name, value.months > 0);
  const time = Number(value.micros % 3_600_000_000n);
  switch (unit) {
    case 'microseconds':
      return decimal(value.micros % 60_000_000n);
    case 'milliseconds':
      return decimal(value.micros % 60_000_000n, 3);
    case 'second':
      return decimal(value.micros % 60_000_000n, 6);
    case 'minute':
      return integer(Math.trunc(time / 60_000_000));
    case 'hour':
      return decimal(value.micros / 3_600_000_000n);
    case 'day':
      return integer(value.days);
    case 'week':
      return integer(Math.trunc(value.days / 7));
    case 'month':
      return integer(value.months % 12);
    case 'quarter':
      return integer(value.months >= 0 ? Math.trunc((value.months % 12) / 3) + 1 : -(Math.trunc((-value.months % 12) / 3) + 1));
    case 'year':
      return integer(years);
    case 'decade':
      return integer(Math.trunc(years / 10));
    case 'century':
      return integer(Math.trunc(years / 100));
    case 'millennium':
      return integer(Math.trunc(years / 1000));
    case 'epoch': {
      // A year counts 365.25 days here, a month 30.
      const seconds = BigInt(years) * 31_557_600n + BigInt(value.months % 12) * 2_592_000n + BigInt(value.days) * 86_400n;
      return decimal(seconds * 1_000_000n + value.micros, 6);
    }
    default:
      throw unsupportedUnitError(name, 'interval');
  }
}

function localField(unit: DatetimeUnit, micros: bigint): Decimal {
  const { days, timeMicros } = splitTimestamp(micros);
  if (unit === 'julian') return julian(days, timeMicros);
  return clockField(unit, timeMicros) ?? dayField(unit, days);
}

function clockField(unit: DatetimeUnit, timeMicros: number): Decimal | null {
  switch (unit) {
    case 'microseconds':
      return decimal(BigInt(timeMicros % 60_000_000));
    case 'milliseconds':
      return decimal(BigInt(timeMicros % 60_000_000), 3);
    case 'second':
      return decimal(BigInt(timeMicros % 60_000_000), 6);
    case 'minute':
      return integer(Math.floor(timeMicros / 60_000_000) % 60);
    case 'hour':
      return integer(Math.floor(timeMicros / 3_600_000_000));
    default:
      return null;
  }
}

function dayField(unit: DatetimeUnit, days: number): Decimal {
  const { year, month, day } = civilFromDays(days);
  // There is no year 0: 1 BC is -1.
  const shownYear = year > 0 ? year : year - 1;
  switch (unit) {
    case 'day':
      return integer(day);
    case 'dow':
      return integer(dayOfWeek(days));
    case 'isodow':
      return integer(((dayOfWeek(days) + 6) % 7) + 1);
    case 'doy':
      return integer(days - daysFromCivil(year, 1, 1) + 1);
    case 'week':
      return integer(isoWeek(days).week);
    case 'month':
      return integer(month);
    case 'quarter':
      return integer(Math.floor((month - 1) / 3) + 1);
    case 'isoyear': {
      const isoYear = isoWeek(days).year;
      return integer(isoYear > 0 ? isoYear : isoYear - 1);
    }
    case 'decade':
      return integer(Math.floor(year / 10));
    case 'century':
      return integer(year > 0 ? Math.floor((year + 99) / 100) : -Math.floor((99 - (year - 1)) / 100));
    case 'millennium':
      return integer(year > 0 ? Math.floor((year + 999) / 1000) : -Math.floor((999 - (year - 1)) / 1000));
    case 'julian':
      return integer(days + JULIAN_DAY_OF_1970);
    default:
      return integer(shownYear);
  }
}

/** Julian day with the fraction of the day, at the scale numeric division gives. */
function julian(days: number, timeMicros: number): Decimal {
  const whole = BigInt(days + JULIAN_DAY_OF_1970);
  if (timeMicros === 0) return decimal(whole);
  const scale = 20;
  return decimal(whole * 10n ** BigInt(scale) + (BigInt(timeMicros) * 10n ** BigInt(scale) + 43_200_000_000n) / 86_400_000_000n, scale);
}

function infiniteField(unit: DatetimeUnit, positive: boolean): Decimal | null {
  switch (unit) {
    case 'year':
    case 'isoyear':
    case 'decade':
    case 'century':
    case 'millennium':
    case 'epoch':
    case 'julian':
      return positive ? INFINITY_DECIMAL : NEGATIVE_INFINITY_DECIMAL;
    default:
      return null;
  }
}

function infiniteInterval(unit: DatetimeUnit, name: string, positive: boolean): Decimal | null {
  switch (unit) {
    case 'hour':
    case 'day':
    case 'year':
    case 'decade':
    case 'century':
    case 'millennium':
    case 'epoch':
      return positive ? INFINITY_DECIMAL : NEGATIVE_INFINITY_DECIMAL;
    case 'microseconds':
    case 'milliseconds':
    case 'second':
    case 'minute':
    case 'week':
    case 'month':
    case 'quarter':
      return null;
    default:
      throw unsupportedUnitError(name, 'interval');
  }
}

function integer(value: number): Decimal {
  return decimal(BigInt(value));
}
