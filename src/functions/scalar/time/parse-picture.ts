import { SqlError, SqlState } from '../../../base/index.ts';
import { checkTimestamp, daysFromCivil, daysInMonth, isoYearStart, joinTimestamp, localToUtc, timeZone } from '../../../types/index.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const FULL_MONTHS = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'];
const DAY_NAME = /^(?:sunday|monday|tuesday|wednesday|thursday|friday|saturday|sun|mon|tue|wed|thu|fri|sat)/i;
const KEYWORDS =
  /^(?:FM|fm)?(HH24|HH12|HH|MI|SSSSS|SSSS|SS|MS|US|FF[1-6]|AM|PM|A\.M\.|P\.M\.|YYYY|YYY|YY|Y|IYYY|IW|ID|BC|AD|B\.C\.|A\.D\.|MONTH|MON|MM|DAY|DDD|DD|DY|D|J|TZH|TZM|OF)(?:TH|th)?/i;
/** Digits a keyword takes when the next one follows without separator. */
const WIDTHS: Record<string, number> = { YYYY: 4, YYY: 3, YY: 2, Y: 1, IYYY: 4, DDD: 3, MS: 3, US: 6, SSSS: 5, SSSSS: 5, J: 9, D: 1, ID: 1 };

type Fields = Map<string, number>;

/** to_timestamp and to_date: reads a text by a picture. Fields not named default to 0001-01-01 00:00. Errors: 22007, 22008. */
export function parsePicture(text: string, picture: string, zoneName: string): { utcMicros: bigint; days: number } {
  const fields = scan(text, picture);
  const days = daysOf(fields, text);
  const local = joinTimestamp(days, timeOf(fields, text));
  const offset = fields.get('TZH');
  if (offset === undefined) return { utcMicros: checkTimestamp(localToUtc(timeZone(zoneName), local)), days };
  const seconds = offset * 3600 + Math.sign(offset || 1) * (fields.get('TZM') ?? 0) * 60;
  return { utcMicros: checkTimestamp(local - BigInt(seconds) * 1_000_000n), days };
}

function scan(text: string, picture: string): Fields {
  const fields: Fields = new Map();
  let rest = text.trimStart();
  let pattern = picture.trimStart();
  while (pattern !== '') {
    const quoted = /^"([^"]*)"/.exec(pattern);
    if (quoted !== null) {
      rest = rest.slice(quoted[1]!.length);
      pattern = pattern.slice(quoted[0].length);
      continue;
    }
    const keyword = KEYWORDS.exec(pattern);
    if (keyword === null) {
      // A separator of the picture matches any separator of the text, or none.
      if (/^[^A-Za-z0-9+-]/.test(rest) || (/^[+-]/.test(rest) && !/^TZ/i.test(pattern.slice(1)))) rest = rest.slice(1).trimStart();
      pattern = pattern.slice(1);
      continue;
    }
    pattern = pattern.slice(keyword[0].length);
    rest = readField(keyword[1]!.toUpperCase(), rest, { fields, adjacent: KEYWORDS.test(pattern) });
  }
  return fields;
}

function readField(keyword: string, rest: string, site: { fields: Fields; adjacent: boolean }): string {
  const { fields } = site;
  const text = rest.trimStart();
  switch (keyword) {
    case 'MONTH':
    case 'MON': {
      const lower = text.toLowerCase();
      const full = FULL_MONTHS.findIndex((name) => lower.startsWith(name));
      const index = full >= 0 ? full : MONTHS.indexOf(lower.slice(0, 3));
      if (index < 0) throw invalidValue(text, keyword, 'The given value did not match any of the allowed values for this field.');
      fields.set('MM', index + 1);
      return text.slice(full >= 0 && (keyword === 'MONTH' || /^[a-z]/i.test(text.slice(3))) ? FULL_MONTHS[index]!.length : 3);
    }
    case 'DAY':
    case 'DY':
      return text.slice(DAY_NAME.exec(text)?.[0].length ?? 0);
    case 'AM':
    case 'PM':
    case 'A.M.':
    case 'P.M.': {
      const match = /^([ap])\.?m\.?/i.exec(text);
      if (match === null) throw invalidValue(text, keyword, 'The given value did not match any of the allowed values for this field.');
      fields.set('PM', match[1]!.toLowerCase() === 'p' ? 1 : 0);
      return text.slice(match[0].length);
    }
    case 'BC':
    case 'AD':
    case 'B.C.':
    case 'A.D.': {
      const match = /^(b\.?c\.?|a\.?d\.?)/i.exec(text);
      if (match === null) throw invalidValue(text, keyword, 'The given value did not match any of the allowed values for this field.');
      fields.set('BC', match[1]!.toLowerCase().startsWith('b') ? 1 : 0);
      return text.slice(match[0].length);
    }
    case 'TZH':
    case 'OF': {
      const match = /^([+-]?\d{1,2})(?::?(\d{2}))?/.exec(text);
      if (match === null) throw invalidValue(text, keyword, 'Value must be an integer.');
      fields.set('TZH', Number(match[1]));
      if (keyword === 'OF' && match[2] !== undefined) fields.set('TZM', Number(match[2]));
      return text.slice(keyword === 'OF' ? match[0].length : match[1]!.length);
    }
    default:
      return readNumber(keyword, text, site);
  }
}

function readNumber(keyword: string, text: string, site: { fields: Fields; adjacent: boolean }): string {
  const width = keyword.startsWith('FF') ? Number(keyword[2]) : (WIDTHS[keyword] ?? 2);
  const limit = site.adjacent || !/^(?:YYYY|IYYY|J)$/.test(keyword) ? width : 9;
  const match = new RegExp(`^[+-]?\\d{1,${limit}}`).exec(text);
  if (match === null) throw invalidValue(text, keyword, 'Value must be an integer.');
  const digits = match[0];
  const fraction = keyword === 'MS' || keyword === 'US' || keyword.startsWith('FF');
  const value = fraction ? Math.round(Number(`0.${digits}`) * 1_000_000) : Number(digits);
  const name = fraction ? 'FRACTION' : keyword === 'HH12' ? 'HH' : keyword === 'SSSSS' ? 'SSSS' : keyword;
  site.fields.set(name, value);
  if (/^Y{1,3}$/.test(keyword)) site.fields.set('YYYY', nearYear(value, keyword.length));
  const suffix = /^(?:st|nd|rd|th)/i.exec(text.slice(digits.length));
  return text.slice(digits.length + (suffix?.[0].length ?? 0));
}

/** Years of fewer than four digits are those nearest to 2020 (PostgreSQL: adjust_partial_year_to_2020). */
function nearYear(value: number, digits: number): number {
  if (digits === 1 || value < 70) return 2000 + value;
  if (value < 100) return 1900 + value;
  return value < 520 ? 2000 + value : 1000 + value;
}

function daysOf(fields: Fields, text: string): number {
  const julian = fields.get('J');
  if (julian !== undefined) return julian - 2_440_588;
  const isoYear = fields.get('IYYY');
  if (isoYear !== undefined) return isoYearStart(isoYear) + ((fields.get('IW') ?? 1) - 1) * 7 + ((fields.get('ID') ?? 1) - 1);
  const written = fields.get('YYYY') ?? 1;
  const year = fields.get('BC') === 1 ? 1 - written : written;
  const dayOfYear = fields.get('DDD');
  if (dayOfYear !== undefined) return daysFromCivil(year, 1, 1) + dayOfYear - 1;
  const month = fields.get('MM') ?? 1;
  const day = fields.get('DD') ?? 1;
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) throw outOfRange(text);
  return daysFromCivil(year, month, day);
}

function timeOf(fields: Fields, text: string): number {
  let hour = fields.get('HH24') ?? fields.get('HH') ?? 0;
  if (fields.get('HH24') === undefined && fields.get('HH') !== undefined) {
    if (hour < 1 || hour > 12) {
      throw new SqlError({
        code: SqlState.invalidDatetimeFormat,
        message: `hour "${hour}" is invalid for the 12-hour clock`,
        hint: 'Use the 24-hour clock, or give an hour between 1 and 12.',
      });
    }
    hour = (hour % 12) + (fields.get('PM') === 1 ? 12 : 0);
  }
  const seconds = fields.get('SSSS') ?? hour * 3600 + (fields.get('MI') ?? 0) * 60 + (fields.get('SS') ?? 0);
  if (hour > 23 || (fields.get('MI') ?? 0) > 59 || (fields.get('SS') ?? 0) > 59 || seconds >= 86_400) throw outOfRange(text);
  return seconds * 1_000_000 + (fields.get('FRACTION') ?? 0);
}

function invalidValue(text: string, keyword: string, detail: string): SqlError {
  const shown = /^[A-Za-z]+/.exec(text)?.[0] ?? text.slice(0, WIDTHS[keyword] ?? 2);
  return new SqlError({ code: SqlState.invalidDatetimeFormat, message: `invalid value "${shown}" for "${keyword}"`, detail });
}

function outOfRange(text: string): SqlError {
  return new SqlError({ code: SqlState.datetimeFieldOverflow, message: `date/time field value out of range: "${text}"` });
}
