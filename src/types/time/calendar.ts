/** Proleptic Gregorian calendar on day numbers since 1970-01-01; years are astronomical (0 is 1 BC). No time zones here. */
export const MICROS_PER_SECOND = 1_000_000;
export const MICROS_PER_MINUTE = 60_000_000;
export const MICROS_PER_HOUR = 3_600_000_000;
export const MICROS_PER_DAY = 86_400_000_000;
export const MICROS_PER_DAY_BIGINT = 86_400_000_000n;

/** PostgreSQL's range of dates: 4714-11-24 BC to 5874897-12-31. */
export const DATE_MIN = -2_440_588;
export const DATE_MAX = 2_145_042_905;
/** First timestamp in range and first beyond it. Counting from 1970 in 64 bits ends at 294247-01-10, 30 years before PostgreSQL's end. */
const TIMESTAMP_MIN = BigInt(DATE_MIN) * MICROS_PER_DAY_BIGINT;
const TIMESTAMP_END = 2n ** 63n - 1n;

/** Infinite dates and timestamps are the ends of their integers. */
export const DATE_INFINITY = 2_147_483_647;
export const DATE_NEGATIVE_INFINITY = -2_147_483_648;
export const TIMESTAMP_INFINITY = TIMESTAMP_END;
export const TIMESTAMP_NEGATIVE_INFINITY = -(2n ** 63n);

export interface CivilDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

/** Day number of a civil date (Howard Hinnant's days_from_civil). */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

export function civilFromDays(days: number): CivilDate {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1 };
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : MONTH_DAYS[month - 1]!;
}

/** 0 is Sunday. */
export function dayOfWeek(days: number): number {
  return (((days + 4) % 7) + 7) % 7;
}

/** Day number of the Monday that starts ISO week 1 of a year. */
export function isoYearStart(year: number): number {
  const fourth = daysFromCivil(year, 1, 4);
  return fourth - ((dayOfWeek(fourth) + 6) % 7);
}

/** ISO 8601 year and week of a day number. */
export function isoWeek(days: number): { year: number; week: number } {
  let { year } = civilFromDays(days);
  if (days < isoYearStart(year)) year--;
  else if (days >= isoYearStart(year + 1)) year++;
  return { year, week: Math.floor((days - isoYearStart(year)) / 7) + 1 };
}

/** Splits a timestamp into its day number and the micros of that day. */
export function splitTimestamp(micros: bigint): { days: number; timeMicros: number } {
  let days = micros / MICROS_PER_DAY_BIGINT;
  let time = micros % MICROS_PER_DAY_BIGINT;
  if (time < 0n) {
    time += MICROS_PER_DAY_BIGINT;
    days -= 1n;
  }
  return { days: Number(days), timeMicros: Number(time) };
}

export function joinTimestamp(days: number, timeMicros: number | bigint): bigint {
  return BigInt(days) * MICROS_PER_DAY_BIGINT + BigInt(timeMicros);
}

export function isInfiniteTimestamp(micros: bigint): boolean {
  return micros === TIMESTAMP_INFINITY || micros === TIMESTAMP_NEGATIVE_INFINITY;
}

export function isInfiniteDate(days: number): boolean {
  return days === DATE_INFINITY || days === DATE_NEGATIVE_INFINITY;
}

export function isTimestampInRange(micros: bigint): boolean {
  return micros >= TIMESTAMP_MIN && micros < TIMESTAMP_END;
}
