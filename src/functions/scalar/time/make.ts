import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import {
  checkedInterval,
  checkTimestamp,
  joinTimestamp,
  makeDate,
  makeTime,
  parseTimestamptz,
  timestampToTimestamptz,
} from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

type SixFields = [number, number, number, number, number, number];

/** make_*, to_timestamp(number) and conversions of epochs. */
function named(...names: readonly string[]): { readonly name: string }[] {
  return names.map((name) => ({ name }));
}

export const makeFunctions: readonly FunctionDefinition[] = [
  defineFunction<[number, number, number]>({
    signature: 'make_date(int4, int4, int4) -> date',
    parameters: named('year', 'month', 'day'),
    family: 'time',
    description: 'A date of year, month and day; negative years are BC',
    examples: [['make_date(2013, 7, 15)', '2013-07-15']],
    fallible: true,
    evaluate: ([year, month, day]) => makeDate(year, month, day),
  }),
  defineFunction<[number, number, number]>({
    signature: 'make_time(int4, int4, float8) -> time',
    parameters: named('hour', 'min', 'sec'),
    family: 'time',
    description: 'A time of hour, minute and seconds',
    examples: [['make_time(8, 15, 23.5)', '08:15:23.5']],
    fallible: true,
    evaluate: ([hour, minute, second]) => BigInt(makeTime(hour, minute, second)),
  }),
  defineFunction<SixFields>({
    signature: 'make_timestamp(int4, int4, int4, int4, int4, float8) -> timestamp',
    parameters: named('year', 'month', 'mday', 'hour', 'min', 'sec'),
    family: 'time',
    description: 'A timestamp of its fields',
    examples: [['make_timestamp(2013, 7, 15, 8, 15, 23.5)', '2013-07-15 08:15:23.5']],
    fallible: true,
    evaluate: (fields) => localTimestamp(fields),
  }),
  defineFunction<SixFields>({
    signature: 'make_timestamptz(int4, int4, int4, int4, int4, float8) -> timestamptz',
    parameters: named('year', 'month', 'mday', 'hour', 'min', 'sec'),
    family: 'time',
    description: 'An instant of the fields of the session’s wall clock',
    examples: [['make_timestamptz(2013, 7, 15, 8, 15, 23.5)', '2013-07-15 08:15:23.5+00']],
    volatility: 'stable',
    fallible: true,
    evaluate: (fields, context) => timestampToTimestamptz(localTimestamp(fields), context.timeZone),
  }),
  defineFunction<[number, number, number, number, number, number, number]>({
    signature: 'make_interval(int4, int4, int4, int4, int4, int4, float8) -> interval',
    parameters: ['years', 'months', 'weeks', 'days', 'hours', 'mins', 'secs'].map((name) => ({ name, default: 0 })),
    family: 'time',
    description: 'An interval of years, months, weeks, days, hours, mins and secs, which are 0 where they are left out',
    examples: [
      ['make_interval(1, 2, 3, 4, 5, 6, 7.5)', '1 year 2 mons 25 days 05:06:07.5'],
      ['make_interval(days => 10)', '10 days'],
      ['make_interval(1, hours => 2)', '1 year 02:00:00'],
    ],
    fallible: true,
    evaluate: ([years, months, weeks, days, hours, minutes, seconds]) =>
      checkedInterval(
        years * 12 + months,
        weeks * 7 + days,
        BigInt(hours) * 3_600_000_000n + BigInt(minutes) * 60_000_000n + BigInt(Math.round(seconds * 1_000_000)),
      ),
  }),
  defineFunction<[number]>({
    signature: 'to_timestamp(float8) -> timestamptz',
    family: 'time',
    description: 'The instant this many seconds after 1970-01-01 00:00 UTC',
    examples: [['to_timestamp(1284352323.5)', '2010-09-13 04:32:03.5+00']],
    fallible: true,
    evaluate: ([seconds]) => instantOf(seconds),
  }),
  defineFunction<[bigint, number]>({
    signature: 'to_timestamp_ltz(int8, int4) -> timestamptz',
    family: 'time',
    description: 'The instant of a number of seconds (precision 0) or milliseconds (precision 3) since 1970 (as in Flink)',
    examples: [['to_timestamp_ltz(1284352323500, 3)', '2010-09-13 04:32:03.5+00']],
    fallible: true,
    evaluate: ([value, precision]) => {
      if (precision !== 0 && precision !== 3)
        throw new SqlError({ code: SqlState.invalidParameterValue, message: `precision must be 0 or 3, not ${precision}` });
      return checkTimestamp(value * (precision === 0 ? 1_000_000n : 1000n));
    },
  }),
  defineFunction<[string]>({
    signature: 'unix_timestamp(text) -> int8',
    family: 'time',
    description: 'Seconds since 1970 of a timestamp text in the session’s time zone (as in Flink)',
    examples: [["unix_timestamp('1970-01-01 00:01:00')", '60']],
    volatility: 'stable',
    fallible: true,
    evaluate: ([text], { timeZone }) => parseTimestamptz(text, { timeZone }) / 1_000_000n,
  }),
];

function localTimestamp([year, month, day, hour, minute, second]: SixFields): bigint {
  return checkTimestamp(joinTimestamp(makeDate(year, month, day), makeTime(hour, minute, second)));
}

function instantOf(seconds: number): bigint {
  if (Number.isNaN(seconds)) throw new SqlError({ code: SqlState.datetimeFieldOverflow, message: 'timestamp cannot be NaN' });
  if (!Number.isFinite(seconds)) return seconds > 0 ? 2n ** 63n - 1n : -(2n ** 63n);
  const micros = Math.round(seconds * 1_000_000);
  if (Math.abs(micros) >= 2 ** 63) throw new SqlError({ code: SqlState.datetimeFieldOverflow, message: `timestamp out of range: "${seconds}"` });
  return checkTimestamp(BigInt(micros));
}
