import type { Interval } from '../datum.ts';
import { civilFromDays, dayOfWeek, daysFromCivil, isInfiniteTimestamp, joinTimestamp, splitTimestamp } from './calendar.ts';
import { type DatetimeUnit, datetimeUnit, unknownUnitError, unsupportedUnitError } from './datetime-unit.ts';
import { isInfiniteInterval } from './interval.ts';
import { localToUtc, timeZone, utcToLocal } from './time-zone.ts';

const TIMESTAMP_NAME = 'timestamp without time zone';
const TIMESTAMPTZ_NAME = 'timestamp with time zone';
const CLOCK_MICROS: Partial<Record<DatetimeUnit, number>> = {
  microseconds: 1,
  milliseconds: 1000,
  second: 1_000_000,
  minute: 60_000_000,
  hour: 3_600_000_000,
};
const YEARS: Partial<Record<DatetimeUnit, number>> = { year: 1, decade: 10, century: 100, millennium: 1000 };
const MONTHS: Partial<Record<DatetimeUnit, number>> = { month: 1, quarter: 3, year: 12, decade: 120, century: 1200, millennium: 12_000 };

/** date_trunc(field, timestamp). */
export function truncateTimestamp(name: string, micros: bigint): bigint {
  return truncateLocal(datetimeUnit(name, TIMESTAMP_NAME), micros, name, TIMESTAMP_NAME);
}

/** date_trunc(field, timestamptz[, zone]): days and above are those of the zone's wall clock. */
export function truncateTimestamptz(name: string, micros: bigint, zoneName: string): bigint {
  const unit = datetimeUnit(name, TIMESTAMPTZ_NAME);
  const zone = timeZone(zoneName);
  if (isInfiniteTimestamp(micros)) return truncateLocal(unit, micros, name, TIMESTAMPTZ_NAME);
  const local = utcToLocal(zone, micros);
  const truncated = truncateLocal(unit, local, name, TIMESTAMPTZ_NAME);
  // Below a day the offset in force is kept: in an hour that repeats, both halves truncate to themselves.
  return CLOCK_MICROS[unit] === undefined ? localToUtc(zone, truncated) : micros - (local - truncated);
}

export function truncateInterval(name: string, value: Interval): Interval {
  const unit = datetimeUnit(name, 'interval');
  const clock = CLOCK_MICROS[unit];
  const months = MONTHS[unit];
  if (clock === undefined && months === undefined && unit !== 'day') throw untruncatableError(unit, name, 'interval');
  if (isInfiniteInterval(value)) return value;
  if (clock !== undefined) return { ...value, micros: value.micros - (value.micros % BigInt(clock)) };
  if (months === undefined) return { ...value, micros: 0n };
  return { months: value.months - (value.months % months) + 0, days: 0, micros: 0n };
}

function truncateLocal(unit: DatetimeUnit, micros: bigint, name: string, typeName: string): bigint {
  const clock = CLOCK_MICROS[unit];
  const supported = clock !== undefined || MONTHS[unit] !== undefined || unit === 'day' || unit === 'week';
  if (!supported) throw untruncatableError(unit, name, typeName);
  if (isInfiniteTimestamp(micros)) return micros;
  const { days, timeMicros } = splitTimestamp(micros);
  return clock === undefined ? joinTimestamp(truncateDays(unit, days), 0) : micros - BigInt(timeMicros % clock);
}

/** Fields that only extract knows are no units here; zones and weeks of intervals are, but make no sense. */
function untruncatableError(unit: DatetimeUnit, name: string, typeName: string): Error {
  return unit.startsWith('timezone') || unit === 'week' ? unsupportedUnitError(name, typeName) : unknownUnitError(name, typeName);
}

/** First day of the unit that holds the day; unit is day, week, month, quarter or years. */
function truncateDays(unit: DatetimeUnit, days: number): number {
  if (unit === 'day') return days;
  if (unit === 'week') return days - ((dayOfWeek(days) + 6) % 7);
  const { year, month } = civilFromDays(days);
  const years = YEARS[unit];
  if (years === undefined) return daysFromCivil(year, unit === 'quarter' ? month - ((month - 1) % 3) : month, 1);
  if (years === 1) return daysFromCivil(year, 1, 1);
  // Decades start at years divisible by ten; centuries and millennia at a year one, since there is no year 0.
  const first = years === 10 ? Math.floor(year / 10) * 10 : Math.floor((year - 1) / years) * years + 1;
  return daysFromCivil(first, 1, 1);
}
