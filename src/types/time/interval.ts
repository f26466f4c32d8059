import type { Interval } from '../datum.ts';
import { datetimeOutOfRangeError } from '../type-error.ts';
import { MICROS_PER_DAY_BIGINT } from './calendar.ts';

const INT32_MAX = 2_147_483_647;
const INT32_MIN = -2_147_483_648;
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
/** PostgreSQL compares intervals as if every month had 30 days. */
export const DAYS_PER_MONTH = 30;
/** Infinite intervals have all fields at the end of their integers, as since PostgreSQL 17. */
export const INFINITE_INTERVAL: Interval = { months: INT32_MAX, days: INT32_MAX, micros: INT64_MAX };
export const NEGATIVE_INFINITE_INTERVAL: Interval = { months: INT32_MIN, days: INT32_MIN, micros: INT64_MIN };

export function isInfiniteInterval(value: Interval): boolean {
  return (
    (value.months === INT32_MAX && value.days === INT32_MAX && value.micros === INT64_MAX) ||
    (value.months === INT32_MIN && value.days === INT32_MIN && value.micros === INT64_MIN)
  );
}

/** The interval, or 22008 where a field does not fit. */
export function checkedInterval(months: number, days: number, micros: bigint): Interval {
  const fits = months >= INT32_MIN && months <= INT32_MAX && days >= INT32_MIN && days <= INT32_MAX && micros >= INT64_MIN && micros <= INT64_MAX;
  if (!fits) throw datetimeOutOfRangeError('interval');
  return { months: months + 0, days: days + 0, micros };
}

/** The span in micros with months of 30 days and days of 24 hours: what comparison and equality go by. */
export function intervalSpan(value: Interval): bigint {
  return BigInt(value.months * DAYS_PER_MONTH + value.days) * MICROS_PER_DAY_BIGINT + value.micros;
}

export function compareIntervals(left: Interval, right: Interval): number {
  const a = intervalSpan(left);
  const b = intervalSpan(right);
  return a < b ? -1 : a > b ? 1 : 0;
}

export function negateInterval(value: Interval): Interval {
  if (isInfiniteInterval(value)) return value.months > 0 ? NEGATIVE_INFINITE_INTERVAL : INFINITE_INTERVAL;
  return checkedInterval(0 - value.months, 0 - value.days, -value.micros);
}

export function addIntervals(left: Interval, right: Interval): Interval {
  const leftInfinite = isInfiniteInterval(left);
  if (leftInfinite || isInfiniteInterval(right)) {
    if (leftInfinite && isInfiniteInterval(right) && left.months > 0 !== right.months > 0) throw datetimeOutOfRangeError('interval');
    return leftInfinite ? left : right;
  }
  return checkedInterval(left.months + right.months, left.days + right.days, left.micros + right.micros);
}

export function subtractIntervals(left: Interval, right: Interval): Interval {
  return addIntervals(left, negateInterval(right));
}

/** Months that are not whole spill into days, days into micros, as PostgreSQL's interval_mul. */
export function multiplyInterval(value: Interval, factor: number): Interval {
  if (Number.isNaN(factor)) throw datetimeOutOfRangeError('interval');
  if (isInfiniteInterval(value)) {
    if (factor === 0) throw datetimeOutOfRangeError('interval');
    return value.months > 0 === factor > 0 ? INFINITE_INTERVAL : NEGATIVE_INFINITE_INTERVAL;
  }
  if (!Number.isFinite(factor)) {
    const span = intervalSpan(value);
    if (span === 0n) throw datetimeOutOfRangeError('interval');
    return span > 0n === factor > 0 ? INFINITE_INTERVAL : NEGATIVE_INFINITE_INTERVAL;
  }
  return scaleInterval(value, (field) => field * factor);
}

export function divideInterval(value: Interval, divisor: number): Interval {
  if (Number.isNaN(divisor)) throw datetimeOutOfRangeError('interval');
  if (isInfiniteInterval(value)) {
    if (!Number.isFinite(divisor)) throw datetimeOutOfRangeError('interval');
    return divisor < 0 ? negateInterval(value) : value;
  }
  return scaleInterval(value, (field) => field / divisor);
}

/** Every 30 days become a month (justify_days), every 24 hours a day (justify_hours). */
export function justifyHours(value: Interval): Interval {
  const wholeDays = value.micros / MICROS_PER_DAY_BIGINT;
  let micros = value.micros - wholeDays * MICROS_PER_DAY_BIGINT;
  let days = value.days + Number(wholeDays);
  if (days > 0 && micros < 0n) {
    micros += MICROS_PER_DAY_BIGINT;
    days--;
  } else if (days < 0 && micros > 0n) {
    micros -= MICROS_PER_DAY_BIGINT;
    days++;
  }
  return checkedInterval(value.months, days, micros);
}

export function justifyDays(value: Interval): Interval {
  const wholeMonths = Math.trunc(value.days / DAYS_PER_MONTH);
  let days = value.days - wholeMonths * DAYS_PER_MONTH;
  let months = value.months + wholeMonths;
  if (months > 0 && days < 0) {
    days += DAYS_PER_MONTH;
    months--;
  } else if (months < 0 && days > 0) {
    days -= DAYS_PER_MONTH;
    months++;
  }
  return checkedInterval(months, days, value.micros);
}

/** Both, with all fields of one sign in the end. */
export function justifyInterval(value: Interval): Interval {
  let { months, days, micros } = justifyDays(justifyHours(value));
  if (months > 0 && (days < 0 || (days === 0 && micros < 0n))) {
    days += DAYS_PER_MONTH;
    months--;
  } else if (months < 0 && (days > 0 || (days === 0 && micros > 0n))) {
    days -= DAYS_PER_MONTH;
    months++;
  }
  if (days > 0 && micros < 0n) {
    micros += MICROS_PER_DAY_BIGINT;
    days--;
  } else if (days < 0 && micros > 0n) {
    micros -= MICROS_PER_DAY_BIGINT;
    days++;
  }
  return checkedInterval(months, days, micros);
}

function scaleInterval(value: Interval, scale: (field: number) => number): Interval {
  const exactMonths = scale(value.months);
  const exactDays = scale(value.days);
  const months = Math.trunc(exactMonths);
  const days = Math.trunc(exactDays);
  const monthDays = roundToMicros((exactMonths - months) * DAYS_PER_MONTH);
  let wholeMonthDays = Math.trunc(monthDays);
  let seconds = roundToMicros((exactDays - days + (monthDays - wholeMonthDays)) * 86_400);
  if (Math.abs(seconds) >= 86_400) {
    const extra = Math.trunc(seconds / 86_400);
    wholeMonthDays += extra;
    seconds -= extra * 86_400;
  }
  const micros = Math.round(scale(Number(value.micros)) + seconds * 1_000_000);
  if (!Number.isFinite(micros) || Math.abs(micros) >= 2 ** 63) throw datetimeOutOfRangeError('interval');
  return checkedInterval(months, days + wholeMonthDays, BigInt(micros));
}

/** PostgreSQL's TSROUND: six digits hide the noise of binary fractions. */
function roundToMicros(value: number): number {
  return Math.round(value * 1_000_000) / 1_000_000;
}
