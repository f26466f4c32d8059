import { SqlError, SqlState } from '../../base/index.ts';
import { datetimeOutOfRangeError } from '../type-error.ts';
import {
  DATE_INFINITY,
  DATE_MAX,
  DATE_MIN,
  DATE_NEGATIVE_INFINITY,
  daysFromCivil,
  daysInMonth,
  isTimestampInRange,
  joinTimestamp,
  splitTimestamp,
  TIMESTAMP_INFINITY,
  TIMESTAMP_NEGATIVE_INFINITY,
} from './calendar.ts';
import { datetimeFieldError, invalidDatetimeError } from './datetime-error.ts';
import { type DatetimeFields, scanDatetime } from './scan-datetime.ts';
import { fixedTimeZone, localToUtc, type TimeZone, timeZone, utcToLocal } from './time-zone.ts';

/** What the session contributes to the reading of a date or time. */
export interface DatetimeParseOptions {
  /** Zone of texts without one. */
  readonly timeZone: string;
  /** For `now`, `today` and the like; absent: those words are invalid. */
  readonly nowMicros?: bigint | undefined;
}

/** Day number of a text; time of day and zone are read and dropped, as PostgreSQL does. */
export function parseDate(text: string, options: DatetimeParseOptions): number {
  const special = parseSpecial(text, options);
  if (special !== null) {
    if (special.kind === 'infinity') return special.negative ? DATE_NEGATIVE_INFINITY : DATE_INFINITY;
    return splitTimestamp(special.local).days;
  }
  const fields = scanDatetime(text, 'date');
  if (fields.year === null) throw invalidDatetimeError('date', text);
  const days = civilDays(fields, text);
  if (days < DATE_MIN || days > DATE_MAX) throw datetimeOutOfRangeTextError('date', text);
  return days;
}

/** Micros of the day, 0 to 86400000000 inclusive (24:00:00). */
export function parseTime(text: string, options: DatetimeParseOptions): number {
  const special = parseSpecial(text, options);
  if (special !== null && special.kind === 'local' && special.hasTime) return splitTimestamp(special.local).timeMicros;
  if (text.trim().toLowerCase() === 'allballs') return 0;
  const fields = scanDatetime(text, 'time');
  if (special !== null || fields.timeMicros === null) throw invalidDatetimeError('time', text);
  return fields.timeMicros;
}

/** Micros since 1970 of the wall-clock time; a zone in the text is read and dropped. */
export function parseTimestamp(text: string, options: DatetimeParseOptions): bigint {
  const special = parseSpecial(text, options);
  if (special !== null) {
    return special.kind === 'infinity' ? infinity(special.negative) : special.local;
  }
  const fields = scanDatetime(text, 'timestamp');
  if (fields.year === null) throw invalidDatetimeError('timestamp', text);
  return checkedTimestamp(joinTimestamp(civilDays(fields, text), fields.timeMicros ?? 0), text);
}

/** Micros since 1970 UTC; a text without zone is wall-clock time of the session's zone. */
export function parseTimestamptz(text: string, options: DatetimeParseOptions): bigint {
  const special = parseSpecial(text, options);
  if (special !== null) {
    if (special.kind === 'infinity') return infinity(special.negative);
    return special.epoch ? special.local : localToUtc(timeZone(options.timeZone), special.local);
  }
  const fields = scanDatetime(text, 'timestamp with time zone');
  if (fields.year === null) throw invalidDatetimeError('timestamp with time zone', text);
  const local = joinTimestamp(civilDays(fields, text), fields.timeMicros ?? 0);
  return checkedTimestamp(localToUtc(zoneOf(fields, options), local), text);
}

type Special =
  | { readonly kind: 'infinity'; readonly negative: boolean }
  | { readonly kind: 'local'; readonly local: bigint; readonly hasTime: boolean; readonly epoch: boolean };

function parseSpecial(text: string, options: DatetimeParseOptions): Special | null {
  const word = text.trim().toLowerCase();
  switch (word) {
    case 'infinity':
    case '+infinity':
      return { kind: 'infinity', negative: false };
    case '-infinity':
      return { kind: 'infinity', negative: true };
    case 'epoch':
      return { kind: 'local', local: 0n, hasTime: false, epoch: true };
    case 'now':
    case 'today':
    case 'tomorrow':
    case 'yesterday':
      break;
    default:
      return null;
  }
  if (options.nowMicros === undefined) return null;
  const local = utcToLocal(timeZone(options.timeZone), options.nowMicros);
  if (word === 'now') return { kind: 'local', local, hasTime: true, epoch: false };
  const shift = word === 'today' ? 0 : word === 'tomorrow' ? 1 : -1;
  return { kind: 'local', local: joinTimestamp(splitTimestamp(local).days + shift, 0), hasTime: false, epoch: false };
}

function zoneOf(fields: DatetimeFields, options: DatetimeParseOptions): TimeZone {
  if (fields.offsetSeconds !== null) return fixedTimeZone(fields.offsetSeconds);
  return timeZone(fields.zoneName ?? options.timeZone);
}

function civilDays(fields: DatetimeFields, text: string): number {
  const { year, month, day } = fields;
  if (year === null) throw new Error('assertion failed: a date has been scanned');
  if (month < 1 || month > 12) throw datetimeFieldError(text, true);
  if (day < 1 || day > 31) throw datetimeFieldError(text, true);
  if (day > daysInMonth(year, month)) throw datetimeFieldError(text);
  return daysFromCivil(year, month, day);
}

function checkedTimestamp(micros: bigint, text: string): bigint {
  if (!isTimestampInRange(micros)) throw datetimeOutOfRangeTextError('timestamp', text);
  return micros;
}

function datetimeOutOfRangeTextError(what: string, text: string): SqlError {
  return new SqlError({ code: SqlState.datetimeFieldOverflow, message: `${datetimeOutOfRangeError(what).message}: "${text}"` });
}

function infinity(negative: boolean): bigint {
  return negative ? TIMESTAMP_NEGATIVE_INFINITY : TIMESTAMP_INFINITY;
}
