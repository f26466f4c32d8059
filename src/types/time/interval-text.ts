import type { Interval } from '../datum.ts';
import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND } from './calendar.ts';
import { intervalFieldError, invalidDatetimeError } from './datetime-error.ts';
import { formatFraction } from './format-time.ts';
import { DAYS_PER_MONTH, INFINITE_INTERVAL, isInfiniteInterval, NEGATIVE_INFINITE_INTERVAL } from './interval.ts';

export type IntervalUnit = 'year' | 'quarter' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond' | 'microsecond';

/** Fields of `INTERVAL '…' DAY TO SECOND(3)`: what a bare number counts, and what is cut off. */
export interface IntervalRange {
  readonly from: IntervalUnit;
  readonly to: IntervalUnit | null;
  /** Digits of the fraction of a second kept, or null. */
  readonly precision: number | null;
}

/** Months, days and micros of one unit; only one of them is not 0. */
type UnitSize = readonly [months: number, days: number, micros: number];

const MICROSECOND: UnitSize = [0, 0, 1];
const SECOND: UnitSize = [0, 0, MICROS_PER_SECOND];
const MINUTE: UnitSize = [0, 0, MICROS_PER_MINUTE];
const HOUR: UnitSize = [0, 0, MICROS_PER_HOUR];
const YEAR: UnitSize = [12, 0, 0];
const DAY: UnitSize = [0, 1, 0];
const MONTH: UnitSize = [1, 0, 0];
const UNITS: Record<string, UnitSize> = {
  microsecond: MICROSECOND,
  millisecond: [0, 0, 1000],
  second: SECOND,
  minute: MINUTE,
  hour: HOUR,
  day: DAY,
  week: [0, 7, 0],
  month: MONTH,
  quarter: [3, 0, 0],
  year: YEAR,
  decade: [120, 0, 0],
  century: [1200, 0, 0],
  millennium: [12_000, 0, 0],
};
const UNIT_ALIASES: Record<string, string> = {
  us: 'microsecond',
  usec: 'microsecond',
  usecs: 'microsecond',
  usecond: 'microsecond',
  useconds: 'microsecond',
  microsecon: 'microsecond',
  ms: 'millisecond',
  msec: 'millisecond',
  msecs: 'millisecond',
  msecond: 'millisecond',
  mseconds: 'millisecond',
  s: 'second',
  sec: 'second',
  secs: 'second',
  m: 'minute',
  min: 'minute',
  mins: 'minute',
  h: 'hour',
  hr: 'hour',
  hrs: 'hour',
  d: 'day',
  w: 'week',
  mon: 'month',
  mons: 'month',
  qtr: 'quarter',
  y: 'year',
  yr: 'year',
  yrs: 'year',
  dec: 'decade',
  decs: 'decade',
  c: 'century',
  cent: 'century',
  centuries: 'century',
  mil: 'millennium',
  mils: 'millennium',
  millennia: 'millennium',
};

/** PostgreSQL's interval_in: verbose, `1-2 3 04:05:06`, ISO 8601 with designators and in the alternative form. */
export function parseInterval(text: string, range: IntervalRange | null = null): Interval {
  const word = text.trim().toLowerCase();
  if (word === 'infinity' || word === '+infinity') return INFINITE_INTERVAL;
  if (word === '-infinity') return NEGATIVE_INFINITE_INTERVAL;
  const sum = new IntervalSum(text);
  if (/^p/i.test(word)) parseIso(text.trim(), sum);
  else parseVerbose(text, range, sum);
  const value = sum.value();
  return range === null ? value : restrictInterval(value, range);
}

/** Drops what the declared fields do not have and rounds the seconds. */
function restrictInterval(value: Interval, range: IntervalRange): Interval {
  if (isInfiniteInterval(value)) return value;
  const smallest = UNITS[range.to ?? range.from]!;
  let { months, days, micros } = value;
  if (smallest[0] > 0) {
    // Months are sub-fields of a year: `INTERVAL '14' MONTH` keeps both.
    months = Math.trunc(months / smallest[0]) * smallest[0];
    days = 0;
    micros = 0n;
  } else if (smallest[1] > 0) micros = 0n;
  else if (smallest[2] > MICROS_PER_SECOND) micros -= micros % BigInt(smallest[2]);
  else if (range.precision !== null && range.precision < 6) micros = roundMicros(micros, range.precision);
  return { months, days, micros };
}

/** Rounds half away from zero to `precision` digits of a second. */
export function roundMicros(micros: bigint, precision: number): bigint {
  if (precision >= 6) return micros;
  const unit = 10n ** BigInt(6 - precision);
  const half = micros < 0n ? -unit / 2n : unit / 2n;
  return ((micros + half) / unit) * unit;
}

/** intervalstyle postgres: `1 year 2 mons -3 days +04:05:06.7`. */
export function formatInterval(value: Interval): string {
  if (isInfiniteInterval(value)) return value.months > 0 ? 'infinity' : '-infinity';
  const parts: string[] = [];
  let negativeBefore = false;
  const add = (count: number, unit: string): void => {
    if (count === 0) return;
    parts.push(`${negativeBefore && count > 0 ? '+' : ''}${count} ${unit}${count === 1 ? '' : 's'}`);
    negativeBefore = count < 0;
  };
  add(Math.trunc(value.months / 12), 'year');
  add(value.months % 12, 'mon');
  add(value.days, 'day');
  if (parts.length === 0 || value.micros !== 0n) {
    const sign = value.micros < 0n ? '-' : negativeBefore ? '+' : '';
    parts.push(sign + formatClock(value.micros < 0n ? -value.micros : value.micros));
  }
  return parts.join(' ');
}

function formatClock(micros: bigint): string {
  const seconds = micros / 1_000_000n;
  const two = (part: bigint): string => part.toString().padStart(2, '0');
  return `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}${formatFraction(Number(micros % 1_000_000n))}`;
}

/** Adds up fields; fractions spill downwards: months into days of 30, days into micros. */
class IntervalSum {
  readonly #text: string;
  #months = 0;
  #days = 0;
  #micros = 0n;

  constructor(text: string) {
    this.#text = text;
  }

  /** `whole` carries the sign; `fraction` is below one and has the same sign. */
  add(whole: bigint, fraction: number, unit: UnitSize): void {
    const [months, days, micros] = unit;
    if (months > 0) {
      this.#months += Number(whole) * months;
      // PostgreSQL rounds a fraction of a year to whole months and keeps the fraction of a single month as days.
      if (months > 1) this.#months += Math.round(fraction * months);
      else this.#addDays(fraction * DAYS_PER_MONTH);
    } else if (days > 0) {
      this.#days += Number(whole) * days;
      this.#addDays(fraction * days);
    } else {
      this.#micros += whole * BigInt(micros) + BigInt(Math.round(fraction * micros));
    }
  }

  negate(): void {
    this.#months = 0 - this.#months;
    this.#days = 0 - this.#days;
    this.#micros = -this.#micros;
  }

  value(): Interval {
    const fits = Math.abs(this.#months) < 2 ** 31 && Math.abs(this.#days) < 2 ** 31 && this.#micros < 2n ** 63n && this.#micros >= -(2n ** 63n);
    if (!fits) throw intervalFieldError(this.#text);
    return { months: this.#months, days: this.#days, micros: this.#micros };
  }

  #addDays(days: number): void {
    const whole = Math.trunc(days);
    this.#days += whole;
    this.#micros += BigInt(Math.round((days - whole) * MICROS_PER_DAY));
  }
}

const VERBOSE_TOKEN = /\s*(?:([+-]?\d+-\d+(?![\d:-]))|([+-]?\d+:\d+(?::\d+)?(?:\.\d*)?)|([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?![.\d]))|([A-Za-z]+)|(@))\s*/y;

function parseVerbose(text: string, range: IntervalRange | null, sum: IntervalSum): void {
  const invalid = (): Error => invalidDatetimeError('interval', text);
  const used = new Set<UnitSize>();
  const use = (...units: readonly UnitSize[]): void => {
    for (const unit of units) {
      if (used.has(unit)) throw invalid();
      used.add(unit);
    }
  };
  VERBOSE_TOKEN.lastIndex = 0;
  let pending: string | null = null;
  let seen = false;
  let ago = false;
  while (VERBOSE_TOKEN.lastIndex < text.length) {
    const match = VERBOSE_TOKEN.exec(text);
    if (match === null || ago) throw invalid();
    const [, yearMonth, clock, number, word, at] = match;
    if (at !== undefined) continue;
    if (word !== undefined) {
      if (word.toLowerCase() === 'ago') {
        ago = true;
        continue;
      }
      const unit = unitSize(word);
      if (unit === null || pending === null) throw invalid();
      use(unit);
      addNumber(sum, pending, unit);
      pending = null;
    } else {
      if (pending !== null) {
        // A number in front of a time is days: `1 04:05:06`.
        if (clock === undefined) throw invalid();
        use(DAY);
        addNumber(sum, pending, DAY);
        pending = null;
      }
      if (number !== undefined) pending = number;
      else if (yearMonth !== undefined) {
        use(YEAR, MONTH);
        addYearMonth(sum, yearMonth, text);
      } else {
        use(HOUR, MINUTE, SECOND);
        addClock(sum, clock!, { text, range });
      }
    }
    seen = true;
  }
  if (pending !== null) addNumber(sum, pending, UNITS[range === null ? 'second' : (range.to ?? range.from)]!);
  if (!seen) throw invalid();
  if (ago) sum.negate();
}

function unitSize(word: string): UnitSize | null {
  const lower = word.toLowerCase();
  const singular = Object.hasOwn(UNIT_ALIASES, lower) ? UNIT_ALIASES[lower]! : lower.replace(/s$/, '');
  return Object.hasOwn(UNITS, singular) ? UNITS[singular]! : null;
}

function addNumber(sum: IntervalSum, text: string, unit: UnitSize): void {
  const negative = text.startsWith('-');
  const [whole, fraction] = text.replace(/^[+-]/, '').split('.') as [string, string | undefined];
  const wholeValue = BigInt(whole === '' ? '0' : whole);
  const fractionValue = fraction === undefined || fraction === '' ? 0 : Number(`0.${fraction}`);
  sum.add(negative ? -wholeValue : wholeValue, negative ? -fractionValue : fractionValue, unit);
}

function addYearMonth(sum: IntervalSum, token: string, text: string): void {
  const match = /^([+-]?)(\d+)-(\d+)$/.exec(token)!;
  if (Number(match[3]) >= 12) throw intervalFieldError(text);
  const months = BigInt(match[2]!) * 12n + BigInt(match[3]!);
  sum.add(match[1] === '-' ? -months : months, 0, MONTH);
}

function addClock(sum: IntervalSum, token: string, options: { text: string; range: IntervalRange | null }): void {
  const match = /^([+-]?)(\d+):(\d+)(?::(\d+))?(?:\.(\d*))?$/.exec(token)!;
  // `12:34` is hours and minutes, unless seconds follow by a fraction or the declared fields start at minutes.
  const minutesFirst = match[4] === undefined && (match[5] !== undefined || (options.range?.from === 'minute' && options.range.to === 'second'));
  const [hours, minutes, seconds] = minutesFirst ? ['0', match[2]!, match[3]!] : [match[2]!, match[3]!, match[4] ?? '0'];
  if (Number(minutes) > 59 && !minutesFirst) throw intervalFieldError(options.text);
  if (Number(seconds) > 59 && Number(seconds) !== 60) throw intervalFieldError(options.text);
  const whole = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds);
  const micros = whole * 1_000_000n + BigInt(Math.round(Number(`0.${match[5] || '0'}`) * 1_000_000));
  sum.add(match[1] === '-' ? -micros : micros, 0, MICROSECOND);
}

const ISO_ALTERNATIVE = /^P(-?\d+)-(\d+)-(\d+)(?:T(-?\d+):(\d+)(?::(\d+(?:\.\d*)?))?)?$/i;

function parseIso(text: string, sum: IntervalSum): void {
  const alternative = ISO_ALTERNATIVE.exec(text);
  if (alternative !== null) {
    const units = ['year', 'month', 'day', 'hour', 'minute', 'second'];
    units.forEach((unit, index) => {
      const part = alternative[index + 1];
      if (part !== undefined) addNumber(sum, part, UNITS[unit]!);
    });
    return;
  }
  const match = /^P((?:[+-]?[\d.]+[YMWD])*)(?:T((?:[+-]?[\d.]+[HMS])*))?$/i.exec(text);
  if (match === null || (match[1] === '' && match[2] === undefined)) throw invalidDatetimeError('interval', text);
  addDesignators(sum, match[1]!, { Y: 'year', M: 'month', W: 'week', D: 'day' });
  addDesignators(sum, match[2] ?? '', { H: 'hour', M: 'minute', S: 'second' });
}

function addDesignators(sum: IntervalSum, text: string, units: Record<string, string>): void {
  for (const [, number, designator] of text.matchAll(/([+-]?[\d.]+)([A-Z])/gi)) addNumber(sum, number!, UNITS[units[designator!.toUpperCase()]!]!);
}
