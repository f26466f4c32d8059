import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import {
  addDays,
  addToTimestamp,
  addToTimestamptz,
  type DatetimeUnit,
  dateToTimestamp,
  datetimeUnit,
  type Interval,
  isInfiniteTimestamp,
  MICROS_PER_DAY_BIGINT,
  timestampAge,
  timestampToDate,
  timestamptzToTimestamp,
  truncateTimestamp,
  truncateTimestamptz,
} from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

/** How long units are: months, or micros. Days are micros only where two times are compared. */
const MONTHS: Partial<Record<DatetimeUnit, number>> = { month: 1, quarter: 3, year: 12, decade: 120, century: 1200, millennium: 12_000 };
const DAYS: Partial<Record<DatetimeUnit, number>> = { day: 1, week: 7 };
const MICROS: Partial<Record<DatetimeUnit, bigint>> = {
  microseconds: 1n,
  milliseconds: 1000n,
  second: 1_000_000n,
  minute: 60_000_000n,
  hour: 3_600_000_000n,
};

const AMOUNT_MAX = 2_147_483_647n;

/** Flink's timestampadd and the functions of ksqlDB that do the same. */
const ADDITIONS = [
  ['timestampadd', 1n, 'Adds so many units', 'Flink and ksqlDB'],
  ['timestampsub', -1n, 'Takes away so many units', 'ksqlDB'],
] as const;

const DATE_ADDITIONS = [
  ['dateadd', 1n, 'Adds so many days or longer units to a date', 'ksqlDB'],
  ['datesub', -1n, 'Takes so many days or longer units from a date', 'ksqlDB'],
] as const;

const TIME_ADDITIONS = [
  ['timeadd', 1n, 'Adds so many hours or shorter units to a time, around midnight', 'ksqlDB'],
  ['timesub', -1n, 'Takes so many hours or shorter units from a time, around midnight', 'ksqlDB'],
] as const;

/** Arithmetic with a unit and a number, whole units between two times, and rounding to a unit. Statements name the unit by a word: DAY, MINUTES. */
export const unitFunctions: readonly FunctionDefinition[] = [
  ...ADDITIONS.flatMap(([name, sign, description, origin]) => [
    defineFunction<[string, bigint, bigint]>({
      signature: `${name}(text, int8, timestamp) -> timestamp`,
      family: 'time',
      description: `${description} (as in ${origin})`,
      examples: [
        [`${name}('month', 1, timestamp '2024-01-31 10:00:00')`, sign > 0 ? '2024-02-29 10:00:00' : '2023-12-31 10:00:00'],
        [`${name}('day', NULL, timestamp '2024-01-31 10:00:00')`, null],
      ],
      fallible: true,
      evaluate: ([unit, amount, value]) => addToTimestamp(value, lengthOf(unit, amount * sign)),
    }),
    defineFunction<[string, bigint, bigint]>({
      signature: `${name}(text, int8, timestamptz) -> timestamptz`,
      family: 'time',
      description: `${description}; days are those of the session’s time zone (as in ${origin})`,
      examples: [[`${name}('minutes', 90, timestamptz '2024-01-31 10:00:00+00')`, sign > 0 ? '2024-01-31 11:30:00+00' : '2024-01-31 08:30:00+00']],
      volatility: 'stable',
      fallible: true,
      evaluate: ([unit, amount, value], { timeZone }) => addToTimestamptz(value, lengthOf(unit, amount * sign), timeZone),
    }),
  ]),
  ...[...DATE_ADDITIONS, ['timestampadd', 1n, 'Adds so many days or longer units to a date', 'Flink'] as const].map(
    ([name, sign, description, origin]) =>
      defineFunction<[string, bigint, number]>({
        signature: `${name}(text, int8, date) -> date`,
        family: 'time',
        description: `${description} (as in ${origin})`,
        examples: [
          [`${name}('week', 1, date '2003-01-09')`, sign > 0 ? '2003-01-16' : '2003-01-02'],
          [`${name}('day', 1, NULL::date)`, null],
        ],
        fallible: true,
        evaluate: ([unit, amount, days]) => addToDate(unit, amount * sign, days),
      }),
  ),
  ...TIME_ADDITIONS.map(([name, sign, description, origin]) =>
    defineFunction<[string, bigint, bigint]>({
      signature: `${name}(text, int8, time) -> time`,
      family: 'time',
      description: `${description} (as in ${origin})`,
      examples: [[`${name}('minutes', 90, time '23:00')`, sign > 0 ? '00:30:00' : '21:30:00']],
      fallible: true,
      evaluate: ([unit, amount, micros]) => addToTime(unit, amount * sign, BigInt(micros)),
    }),
  ),
  defineFunction<[string, bigint, bigint]>({
    signature: 'timestampdiff(text, timestamp, timestamp) -> int4',
    family: 'time',
    description: 'How many whole units lie between the first time and the second one (as in Flink)',
    examples: [
      ["timestampdiff('day', timestamp '2003-01-02 10:00:00', timestamp '2003-01-03 10:00:00')", '1'],
      ["timestampdiff('month', timestamp '2003-03-31', timestamp '2003-01-31')", '-2'],
      ["timestampdiff('day', NULL::timestamp, timestamp '2003-01-03')", null],
    ],
    fallible: true,
    evaluate: ([unit, from, to]) => unitsBetween(unit, from, to),
  }),
  defineFunction<[string, bigint, bigint]>({
    signature: 'timestampdiff(text, timestamptz, timestamptz) -> int4',
    family: 'time',
    description: 'How many whole units lie between two instants, months and years by the clock of the session’s time zone (as in Flink)',
    examples: [["timestampdiff('minute', timestamptz '2003-01-02 10:00:00+00', timestamptz '2003-01-02 11:30:59+00')", '90']],
    volatility: 'stable',
    fallible: true,
    evaluate: ([unit, from, to], { timeZone }) =>
      MONTHS[datetimeUnit(unit, 'timestamp')] === undefined
        ? unitsBetween(unit, from, to)
        : unitsBetween(unit, timestamptzToTimestamp(from, timeZone), timestamptzToTimestamp(to, timeZone)),
  }),
  ...(['floor', 'ceil'] as const).flatMap((name) => [
    defineFunction<[bigint, string]>({
      signature: `${name}(timestamp, text) -> timestamp`,
      family: 'time',
      description: `The ${name === 'floor' ? 'start' : 'end'} of the unit the timestamp is in: ${name.toUpperCase()}(t TO unit) (as in Flink)`,
      examples: [[`${name}(timestamp '2018-03-31 12:44:31', 'month')`, name === 'floor' ? '2018-03-01 00:00:00' : '2018-04-01 00:00:00']],
      fallible: true,
      evaluate: ([value, unit]) => {
        const start = truncateTimestamp(unit, value);
        return name === 'floor' || start === value ? start : addToTimestamp(start, lengthOf(unit, 1n));
      },
    }),
    defineFunction<[bigint, string]>({
      signature: `${name}(timestamptz, text) -> timestamptz`,
      family: 'time',
      description: `The ${name === 'floor' ? 'start' : 'end'} of the unit the instant is in, in the session’s time zone (as in Flink)`,
      examples: [[`${name}(timestamptz '2018-03-31 12:44:31+00', 'hour')`, name === 'floor' ? '2018-03-31 12:00:00+00' : '2018-03-31 13:00:00+00']],
      volatility: 'stable',
      fallible: true,
      evaluate: ([value, unit], { timeZone }) => {
        const start = truncateTimestamptz(unit, value, timeZone);
        return name === 'floor' || start === value ? start : addToTimestamptz(start, lengthOf(unit, 1n), timeZone);
      },
    }),
    defineFunction<[number, string]>({
      signature: `${name}(date, text) -> date`,
      family: 'time',
      description: `The first day of the unit the date is in${name === 'floor' ? '' : ', or of the next one'} (as in Flink)`,
      examples: [[`${name}(date '2018-03-31', 'year')`, name === 'floor' ? '2018-01-01' : '2019-01-01']],
      fallible: true,
      evaluate: ([days, unit]) => {
        const start = timestampToDate(truncateTimestamp(unit, dateToTimestamp(days)));
        return name === 'floor' || start === days ? start : addToDate(unit, 1n, start);
      },
    }),
  ]),
  defineFunction<[number]>({
    signature: 'unix_date(date) -> int4',
    family: 'time',
    description: 'Days since 1970-01-01 (as in ksqlDB)',
    examples: [
      ["unix_date(date '1970-02-01')", '31'],
      ['unix_date(NULL)', null],
    ],
    evaluate: ([days]) => days,
  }),
  defineFunction<[number]>({
    signature: 'from_days(int4) -> date',
    family: 'time',
    description: 'The date so many days after 1970-01-01 (as in ksqlDB)',
    examples: [
      ['from_days(31)', '1970-02-01'],
      ['from_days(-1)', '1969-12-31'],
    ],
    fallible: true,
    evaluate: ([days]) => addDays(0, days),
  }),
];

/** Errors: 22023 for an unknown unit, 22008 for an amount no interval holds. */
function lengthOf(name: string, amount: bigint): Interval {
  const unit = datetimeUnit(name, 'interval');
  const months = MONTHS[unit];
  const days = DAYS[unit];
  const micros = MICROS[unit];
  if (micros !== undefined) return { months: 0, days: 0, micros: amount * micros };
  if (months === undefined && days === undefined) throw notAddable(name, 'interval');
  const whole = amount * BigInt(months ?? days!);
  if (whole > AMOUNT_MAX || whole < -AMOUNT_MAX) throw new SqlError({ code: SqlState.datetimeFieldOverflow, message: 'interval out of range' });
  return months === undefined ? { months: 0, days: Number(whole), micros: 0n } : { months: Number(whole), days: 0, micros: 0n };
}

function addToDate(name: string, amount: bigint, days: number): number {
  const length = lengthOf(name, amount);
  if (MICROS[datetimeUnit(name, 'date')] !== undefined) throw notAddable(name, 'date', 'Cast the date to timestamp.');
  return timestampToDate(addToTimestamp(dateToTimestamp(days), length));
}

function addToTime(name: string, amount: bigint, micros: bigint): bigint {
  const length = lengthOf(name, amount);
  if (MICROS[datetimeUnit(name, 'time')] === undefined) throw notAddable(name, 'time');
  const sum = (micros + length.micros) % MICROS_PER_DAY_BIGINT;
  return sum < 0n ? sum + MICROS_PER_DAY_BIGINT : sum;
}

/** NULL where one of the times is infinite. */
function unitsBetween(name: string, from: bigint, to: bigint): number | null {
  const unit = datetimeUnit(name, 'timestamp');
  const months = MONTHS[unit];
  const days = DAYS[unit];
  const micros = days === undefined ? MICROS[unit] : BigInt(days) * MICROS_PER_DAY_BIGINT;
  if (months === undefined && micros === undefined) throw notAddable(name, 'timestamp');
  if (isInfiniteTimestamp(from) || isInfiniteTimestamp(to)) return null;
  if (months !== undefined) return Math.trunc(timestampAge(to, from).months / months) + 0;
  const units = (to - from) / micros!;
  if (units > AMOUNT_MAX || units < -AMOUNT_MAX) {
    throw new SqlError({ code: SqlState.numericValueOutOfRange, message: 'integer out of range', hint: 'Count in a longer unit.' });
  }
  return Number(units);
}

function notAddable(name: string, typeName: string, hint?: string): SqlError {
  return new SqlError({ code: SqlState.featureNotSupported, message: `unit "${name}" not supported for type ${typeName}`, hint });
}
