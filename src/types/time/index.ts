/**
 * Dates, times and intervals on plain numbers: day numbers since 1970-01-01, micros since 1970 (UTC or wall clock), Interval. The calendar,
 * PostgreSQL's text forms in both directions, time zones through Intl with cached offsets, arithmetic, extract and truncation.
 *
 * Reads no clock: `now` and friends are parameters. Zones of an instant come from Intl, never from Date.
 *
 * Start reading at calendar.ts, then parse-datetime.ts and timestamp-arithmetic.ts.
 */
export {
  civilFromDays,
  DATE_INFINITY,
  DATE_MAX,
  DATE_MIN,
  DATE_NEGATIVE_INFINITY,
  dayOfWeek,
  daysFromCivil,
  daysInMonth,
  isInfiniteDate,
  isInfiniteTimestamp,
  isoWeek,
  isoYearStart,
  isTimestampInRange,
  joinTimestamp,
  MICROS_PER_DAY,
  MICROS_PER_DAY_BIGINT,
  splitTimestamp,
  TIMESTAMP_INFINITY,
  TIMESTAMP_NEGATIVE_INFINITY,
} from './calendar.ts';
export { datetimeFieldError, invalidDatetimeError } from './datetime-error.ts';
export { type DatetimeUnit, datetimeUnit } from './datetime-unit.ts';
export { extractDate, extractInterval, extractTime, extractTimestamp, extractTimestamptz } from './extract.ts';
export { formatDate, formatTimeOfDay, formatTimestamp, formatTimestamptz } from './format-time.ts';
export {
  addIntervals,
  checkedInterval,
  compareIntervals,
  divideInterval,
  INFINITE_INTERVAL,
  intervalSpan,
  isInfiniteInterval,
  justifyDays,
  justifyHours,
  justifyInterval,
  multiplyInterval,
  NEGATIVE_INFINITE_INTERVAL,
  negateInterval,
  subtractIntervals,
} from './interval.ts';
export { formatInterval, type IntervalRange, type IntervalUnit, parseInterval, roundMicros } from './interval-text.ts';
export { makeDate, makeTime } from './make-datetime.ts';
export { type DatetimeParseOptions, parseDate, parseTime, parseTimestamp, parseTimestamptz } from './parse-datetime.ts';
export { findTimeZone, formatZoneOffset, localToUtc, type TimeZone, timeZone, utcToLocal } from './time-zone.ts';
export {
  addDays,
  addToTimestamp,
  addToTimestamptz,
  binTimestamp,
  checkTimestamp,
  dateToTimestamp,
  subtractFromTimestamp,
  timestampAge,
  timestampDifference,
  timestampToDate,
  timestampToTimestamptz,
  timestamptzToTimestamp,
} from './timestamp-arithmetic.ts';
export { truncateInterval, truncateTimestamp, truncateTimestamptz } from './truncate.ts';
