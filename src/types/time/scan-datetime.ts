import { SqlError, SqlState } from '../../base/index.ts';
import { civilFromDays, daysFromCivil, MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE } from './calendar.ts';
import { datetimeFieldError, invalidDatetimeError } from './datetime-error.ts';
import { findTimeZone, parseZoneOffset } from './time-zone.ts';

/** What a text says; the date is not yet checked against the calendar. `year` is astronomical, null without a date. */
export interface DatetimeFields {
  readonly year: number | null;
  readonly month: number;
  readonly day: number;
  readonly timeMicros: number | null;
  readonly offsetSeconds: number | null;
  readonly zoneName: string | null;
}

/**
 * Reads the forms of PostgreSQL's documentation, section 8.5.1: ISO 8601 with blank or T, `Jan 8, 1999`, `1/8/1999` (month first),
 * `8-Jan-1999`, `19990108`, `1999.008`, `J2451187`, times with AM and PM, zones by offset, name or abbreviation, BC.
 */
export function scanDatetime(text: string, typeName: string): DatetimeFields {
  const iso = ISO_PATTERN.exec(text);
  if (iso !== null) {
    const timeMicros = iso[4] === undefined ? null : clockMicros({ hour: iso[4], minute: iso[5]!, second: iso[6], fraction: iso[7] }, text);
    const offsetSeconds = iso[8] === undefined ? null : isoOffset(iso[8], text);
    if (Number(iso[1]) === 0) throw datetimeFieldError(text);
    return { year: Number(iso[1]), month: Number(iso[2]), day: Number(iso[3]), timeMicros, offsetSeconds, zoneName: null };
  }
  return new DatetimeScanner(text, typeName).scan();
}

const ISO_PATTERN =
  /^\s*(\d{4,7})-(\d{1,2})-(\d{1,2})(?:(?:\s+|[Tt])(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d*))?)?\s*([+-]\d{1,2}(?::?\d{2}(?::?\d{2})?)?|[zZ])?)?\s*$/;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH_NAMES = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'];
const DAY_NAMES = /^(?:sun(?:day)?|mon(?:day)?|tue(?:s|sday)?|wed(?:s|nesday)?|thu(?:r|rs|rsday)?|fri(?:day)?|sat(?:urday)?)$/;
const TOKEN_PATTERN = /[+-]?\d+(?::\d+)+(?:\.\d*)?|[+-]?\d+(?:[-/.]\w+)+|[+-]\d+|\d+(?:\.\d+)?|[A-Za-z_]+(?:[/][A-Za-z_+-]+\d*)*(?:[-]\d+-\d+)?|\S/g;

/** The hint of a wrong order belongs to day and month alone, so that other fields fail without it. */
class DatetimeScanner {
  readonly #text: string;
  readonly #typeName: string;
  #date: { year: number; month: number; day: number } | null = null;
  #numbers: string[] = [];
  #namedMonth: number | null = null;
  #timeMicros: number | null = null;
  #offsetSeconds: number | null = null;
  #zoneName: string | null = null;
  #meridian: 'am' | 'pm' | null = null;
  #beforeChrist = false;
  /** A year of two digits as written: with BC it means what it says. */
  #shortYear: number | null = null;

  constructor(text: string, typeName: string) {
    this.#text = text;
    this.#typeName = typeName;
  }

  scan(): DatetimeFields {
    // A T between date and time, a Z after the time and letters glued to digits become tokens of their own.
    const spaced = this.#text
      .replace(/(\d)[Tt](?=\d)/g, '$1 ')
      .replace(/(\d)(?=(?:am|pm|z|zulu|bc|ad)\b)/gi, '$1 ')
      .replace(/(\d:\d\d(?:\.\d*)?|\d:\d\d:\d\d(?:\.\d*)?)(?=[+-]\d)/g, '$1 ')
      .replace(/(\d:\d\d(?:\.\d*)?)(?=[A-Za-z])/g, '$1 ');
    const tokens = spaced.match(TOKEN_PATTERN) ?? [];
    if (tokens.length === 0) throw this.#invalid();
    for (const token of tokens) this.#token(token);
    this.#assembleDate();
    return {
      year: this.#date === null ? null : this.#finalYear(this.#date.year),
      month: this.#date?.month ?? 1,
      day: this.#date?.day ?? 1,
      timeMicros: this.#finalTime(),
      offsetSeconds: this.#offsetSeconds,
      zoneName: this.#zoneName,
    };
  }

  #token(token: string): void {
    if (token === ',') return;
    if (/^\d+:/.test(token)) this.#time(token);
    else if (/^[+-]\d/.test(token)) this.#offset(token);
    else if (/^\d+[-/.][A-Za-z0-9]+[-/.]\w+$/.test(token)) this.#dateParts(token.split(/[-/.]/));
    else if (/^\d{4}\.\d{3}$/.test(token)) this.#setDay(daysFromCivil(Number(token.slice(0, 4)), 1, 1) + Number(token.slice(5)) - 1);
    else if (/^\d+$/.test(token)) this.#number(token);
    else if (/^\d+\.\d+$/.test(token) && token.indexOf('.') === 6) this.#compactTime(token);
    else if (/^[A-Za-z]+-\d+-\d+$/.test(token)) this.#dateParts(token.split('-'));
    else if (/^[A-Za-z]/.test(token)) this.#word(token);
    else throw this.#invalid();
  }

  #time(token: string): void {
    const match = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?$/.exec(token);
    if (match === null || this.#timeMicros !== null) throw this.#invalid();
    this.#timeMicros = clockMicros({ hour: match[1]!, minute: match[2]!, second: match[3], fraction: match[4] }, this.#text);
  }

  #compactTime(token: string): void {
    if (this.#timeMicros !== null) throw this.#invalid();
    const [clock, fraction] = token.split('.') as [string, string];
    this.#timeMicros = clockMicros({ hour: clock.slice(0, 2), minute: clock.slice(2, 4), second: clock.slice(4, 6), fraction }, this.#text);
  }

  #offset(token: string): void {
    if (this.#timeMicros === null || this.#offsetSeconds !== null) throw this.#invalid();
    const seconds = parseZoneOffset(token);
    if (seconds === null) throw zoneDisplacementError(this.#text);
    this.#offsetSeconds = seconds;
  }

  #number(token: string): void {
    if (this.#typeName === 'time' && this.#timeMicros === null && /^(?:\d{4}|\d{6})$/.test(token)) {
      this.#timeMicros = clockMicros({ hour: token.slice(0, 2), minute: token.slice(2, 4), second: token.slice(4, 6) || undefined }, this.#text);
    } else if (this.#date === null && this.#numbers.length === 0 && token.length === 8) {
      this.#date = { year: Number(token.slice(0, 4)), month: Number(token.slice(4, 6)), day: Number(token.slice(6)) };
    } else if (this.#date === null && this.#numbers.length === 0 && this.#namedMonth === null && token.length === 6) {
      this.#date = { year: shortYear(token.slice(0, 2)), month: Number(token.slice(2, 4)), day: Number(token.slice(4)) };
    } else if (this.#date !== null && this.#timeMicros === null && (token.length === 6 || token.length === 4)) {
      this.#timeMicros = clockMicros({ hour: token.slice(0, 2), minute: token.slice(2, 4), second: token.slice(4, 6) || undefined }, this.#text);
    } else this.#numbers.push(token);
  }

  #dateParts(parts: readonly string[]): void {
    if (this.#date !== null) throw this.#invalid();
    const [first, second, third] = parts as [string, string, string];
    const month = [first, second, third].findIndex((part) => /^[A-Za-z]/.test(part));
    if (month >= 0) {
      const named = monthNumber(parts[month]!);
      if (named === null) throw this.#invalid();
      const [a, b] = parts.filter((_, index) => index !== month) as [string, string];
      this.#date = a.length >= 3 ? { year: Number(a), month: named, day: Number(b) } : { year: this.#fullYear(b), month: named, day: Number(a) };
    } else if (!/^\d+$/.test(third)) {
      throw this.#invalid();
    } else if (first.length >= 3) {
      this.#date = { year: Number(first), month: Number(second), day: Number(third) };
    } else {
      this.#date = { year: this.#fullYear(third), month: Number(first), day: Number(second) };
    }
    if (this.#date.year === 0 && (first.length >= 4 || third.length >= 4)) throw datetimeFieldError(this.#text);
  }

  #word(token: string): void {
    const word = token.toLowerCase();
    const julian = /^j(\d+)$/.exec(word);
    const month = monthNumber(word);
    if (julian !== null) this.#setDay(Number(julian[1]) - JULIAN_DAY_OF_1970);
    else if (word === 'j' || word === 'at' || word === 'on') this.#julianNext = word === 'j';
    else if (month !== null && this.#namedMonth === null) this.#namedMonth = month;
    else if (DAY_NAMES.test(word)) return;
    else if (word === 'am' || word === 'pm') this.#meridian = word;
    else if (word === 'bc') this.#beforeChrist = true;
    else if (word === 'ad') this.#beforeChrist = false;
    else if (word === 't' && this.#date !== null) return;
    else if (word === 'allballs') this.#timeMicros = 0;
    else this.#zone(token);
  }

  #julianNext = false;

  #zone(token: string): void {
    const zone = findTimeZone(token);
    if (zone === null) {
      if (!token.includes('/')) throw this.#invalid();
      throw new SqlError({ code: SqlState.invalidParameterValue, message: `time zone "${token.toLowerCase()}" not recognized` });
    }
    if (this.#zoneName !== null || this.#offsetSeconds !== null) throw this.#invalid();
    if (zone.fixedSeconds !== null) this.#offsetSeconds = zone.fixedSeconds;
    else this.#zoneName = zone.name;
  }

  #setDay(days: number): void {
    if (this.#date !== null) throw this.#invalid();
    this.#date = civilFromDays(days);
  }

  #assembleDate(): void {
    if (this.#julianNext && this.#numbers.length > 0) {
      this.#setDay(Number(this.#numbers.shift()) - JULIAN_DAY_OF_1970);
    }
    if (this.#date !== null) {
      if (this.#numbers.length > 0 || this.#namedMonth !== null) throw this.#invalid();
      return;
    }
    const [first, second, third] = this.#numbers;
    if (this.#namedMonth !== null && first !== undefined && second !== undefined && third === undefined) {
      const yearFirst = first.length >= 3;
      this.#date = { year: yearFirst ? Number(first) : this.#fullYear(second), month: this.#namedMonth, day: Number(yearFirst ? second : first) };
    } else if (this.#namedMonth !== null || this.#numbers.length > 0) throw this.#invalid();
  }

  /** Two digits mean 1970 to 2069; more are taken as they are. */
  #fullYear(text: string): number {
    if (text.length > 2) return Number(text);
    this.#shortYear = Number(text);
    return shortYear(text);
  }

  #finalYear(year: number): number {
    if (!this.#beforeChrist) return year;
    const written = this.#shortYear ?? year;
    if (written <= 0) throw datetimeFieldError(this.#text);
    return 1 - written;
  }

  #finalTime(): number | null {
    if (this.#meridian === null || this.#timeMicros === null) return this.#timeMicros;
    const hour = Math.floor(this.#timeMicros / MICROS_PER_HOUR);
    if (hour > 12) throw datetimeFieldError(this.#text);
    if (this.#meridian === 'am') return hour === 12 ? this.#timeMicros - 12 * MICROS_PER_HOUR : this.#timeMicros;
    return hour === 12 ? this.#timeMicros : this.#timeMicros + 12 * MICROS_PER_HOUR;
  }

  #invalid(): SqlError {
    return invalidDatetimeError(this.#typeName, this.#text);
  }
}

const JULIAN_DAY_OF_1970 = 2_440_588;

interface ClockText {
  readonly hour: string;
  readonly minute: string;
  readonly second?: string | undefined;
  readonly fraction?: string | undefined;
}

function clockMicros(clock: ClockText, text: string): number {
  const [hour, minute, second] = [Number(clock.hour), Number(clock.minute), Number(clock.second ?? 0)];
  const fraction = clock.fraction === undefined || clock.fraction === '' ? 0 : Math.round(Number(`0.${clock.fraction}`) * 1_000_000);
  const micros = hour * MICROS_PER_HOUR + minute * MICROS_PER_MINUTE + second * 1_000_000 + fraction;
  if (minute > 59 || second > 60 || micros > MICROS_PER_DAY) throw datetimeFieldError(text);
  return micros;
}

function isoOffset(token: string, text: string): number {
  if (token === 'z' || token === 'Z') return 0;
  const seconds = parseZoneOffset(token);
  if (seconds === null) throw zoneDisplacementError(text);
  return seconds;
}

function zoneDisplacementError(text: string): SqlError {
  return new SqlError({ code: SqlState.invalidTimeZoneDisplacementValue, message: `time zone displacement out of range: "${text}"` });
}

function monthNumber(word: string): number | null {
  const lower = word.toLowerCase();
  const index = MONTHS.indexOf(lower === 'sept' ? 'sep' : lower);
  const found = index >= 0 ? index : MONTH_NAMES.indexOf(lower);
  return found >= 0 ? found + 1 : null;
}

function shortYear(text: string): number {
  const year = Number(text);
  return year < 70 ? 2000 + year : 1900 + year;
}
