import { SqlError, SqlState } from '../../../base/index.ts';
import { checkTimestamp, daysFromCivil, daysInMonth, joinTimestamp, localToUtc, timeZone } from '../../../types/index.ts';
import { javaTokens, unknownField } from './java-pattern.ts';

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Letters of fields that are numbers. */
const NUMBERS = new Set(['y', 'u', 'M', 'd', 'H', 'h', 'm', 's', 'D']);

interface Fields {
  readonly numbers: Map<string, number>;
  micros: number;
  afternoon: boolean | null;
  /** Seconds east of UTC, or the name of a zone. */
  zone: number | string | null;
}

export interface ParsedDatetime {
  readonly days: number;
  readonly timeMicros: number;
  /** Micros of UTC: by the zone of the text, or else by the zone that was given. */
  readonly utcMicros: bigint;
}

/**
 * Reads a text by a java.time pattern, which has to fit to its end. What is not named is of 1970-01-01 00:00.
 * Errors: 22007 where the text does not fit, 22008 where a field is out of range, 22023 where the pattern has a field that cannot be read.
 */
export function parseJavaPattern(text: string, pattern: string, zoneName: string): ParsedDatetime {
  const fields: Fields = { numbers: new Map(), micros: 0, afternoon: null, zone: null };
  let rest = text;
  const tokens = javaTokens(pattern);
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    const adjacent = next !== undefined && 'field' in next;
    const length =
      'literal' in token
        ? rest.startsWith(token.literal)
          ? token.literal.length
          : null
        : readField(rest, token.field, { fields, adjacent, pattern });
    if (length === null) throw doesNotFit(text, pattern, text.length - rest.length);
    rest = rest.slice(length);
  }
  if (rest !== '') throw doesNotFit(text, pattern, text.length - rest.length);
  const days = daysOf(fields.numbers, text);
  const timeMicros = timeOf(fields, text);
  const local = joinTimestamp(days, timeMicros);
  return {
    days,
    timeMicros,
    utcMicros: checkTimestamp(
      typeof fields.zone === 'number' ? local - BigInt(fields.zone) * 1_000_000n : localToUtc(timeZone(fields.zone ?? zoneName), local),
    ),
  };
}

/** How many characters the field takes, or null where it does not fit. */
function readField(rest: string, field: string, site: { fields: Fields; adjacent: boolean; pattern: string }): number | null {
  const { fields } = site;
  const letter = field[0]!;
  if (/^(?:MMMM?|E{1,4})$/.test(field)) return readName(rest, field, fields);
  if (NUMBERS.has(letter)) return readNumber(rest, field, site);
  switch (letter) {
    case 'S': {
      const digits = new RegExp(`^\\d{${field.length}}`).exec(rest)?.[0];
      if (digits === undefined) return null;
      fields.micros = Number(digits.slice(0, 6).padEnd(6, '0'));
      return digits.length;
    }
    case 'a': {
      const half = /^[AP]M/i.exec(rest)?.[0];
      if (half === undefined) return null;
      fields.afternoon = half.toUpperCase() === 'PM';
      return half.length;
    }
    case 'X':
    case 'x':
    case 'Z': {
      const match = /^(?:Z|([+-])(\d{2})(?::?(\d{2}))?)/.exec(rest);
      if (match === null) return null;
      const seconds = Number(match[2] ?? 0) * 3600 + Number(match[3] ?? 0) * 60;
      fields.zone = match[1] === '-' ? -seconds : seconds;
      return match[0].length;
    }
    case 'V':
    case 'z': {
      const name = /^[A-Za-z][A-Za-z0-9_+/-]*/.exec(rest)?.[0];
      if (name === undefined) return null;
      fields.zone = name;
      return name.length;
    }
    default:
      throw unknownField(field, site.pattern);
  }
}

function readName(rest: string, field: string, fields: Fields): number | null {
  const full = field.length === 4;
  const names = (field[0] === 'M' ? MONTHS : DAYS).map((name) => (full ? name : name.slice(0, 3)));
  const index = names.findIndex((name) => rest.slice(0, name.length).toLowerCase() === name.toLowerCase());
  if (index < 0) return null;
  if (field[0] === 'M') fields.numbers.set('M', index + 1);
  return names[index]!.length;
}

/** One letter takes as many digits as there are, several exactly as many as there are letters, where no other field follows at least four of a year. */
function readNumber(rest: string, field: string, site: { fields: Fields; adjacent: boolean }): number | null {
  const letter = field[0] === 'u' ? 'y' : field[0]!;
  const most =
    letter === 'y' && field.length !== 2 ? (field.length === 1 || !site.adjacent ? 6 : field.length) : field.length === 1 ? 3 : field.length;
  const least = field.length;
  const match = new RegExp(`^${letter === 'y' ? '-?' : ''}\\d{${least},${most}}`).exec(rest);
  if (match === null) return null;
  const value = Number(match[0]);
  site.fields.numbers.set(letter, letter === 'y' && field.length === 2 ? 2000 + value : value);
  return match[0].length;
}

function daysOf(numbers: ReadonlyMap<string, number>, text: string): number {
  const year = numbers.get('y') ?? 1970;
  const dayOfYear = numbers.get('D');
  const start = daysFromCivil(year, 1, 1);
  if (dayOfYear !== undefined) {
    if (dayOfYear < 1 || start + dayOfYear > daysFromCivil(year + 1, 1, 1)) throw outOfRange(text);
    return start + dayOfYear - 1;
  }
  const month = numbers.get('M') ?? 1;
  const day = numbers.get('d') ?? 1;
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) throw outOfRange(text);
  return daysFromCivil(year, month, day);
}

function timeOf(fields: Fields, text: string): number {
  const { numbers } = fields;
  const halfDay = numbers.get('h');
  if (halfDay !== undefined && (halfDay < 1 || halfDay > 12)) throw outOfRange(text);
  const hour = numbers.get('H') ?? ((halfDay ?? 0) % 12) + (fields.afternoon === true ? 12 : 0);
  const minute = numbers.get('m') ?? 0;
  const second = numbers.get('s') ?? 0;
  if (hour > 23 || minute > 59 || second > 59) throw outOfRange(text);
  return ((hour * 60 + minute) * 60 + second) * 1_000_000 + fields.micros;
}

function doesNotFit(text: string, pattern: string, at: number): SqlError {
  return new SqlError({
    code: SqlState.invalidDatetimeFormat,
    message: `"${text}" does not fit the pattern "${pattern}"`,
    detail: `It differs at character ${at + 1}.`,
  });
}

function outOfRange(text: string): SqlError {
  return new SqlError({ code: SqlState.datetimeFieldOverflow, message: `date/time field value out of range: "${text}"` });
}
