import type { FunctionDefinition } from '../../../expr/index.ts';
import {
  addToTimestamptz,
  binTimestamp,
  type Interval,
  isInfiniteDate,
  isInfiniteInterval,
  isInfiniteTimestamp,
  justifyDays,
  justifyHours,
  justifyInterval,
  negateInterval,
  splitTimestamp,
  timestampAge,
  timestamptzToTimestamp,
  truncateInterval,
  truncateTimestamp,
  truncateTimestamptz,
} from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

/** date_trunc, date_bin, age, justify_*, isfinite. */
export const truncateFunctions: readonly FunctionDefinition[] = [
  defineFunction<[string, bigint]>({
    signature: 'date_trunc(text, timestamp) -> timestamp',
    family: 'time',
    description: 'Start of the unit that holds the timestamp',
    examples: [["date_trunc('hour', timestamp '2001-02-16 20:38:40')", '2001-02-16 20:00:00']],
    fallible: true,
    evaluate: ([unit, value]) => truncateTimestamp(unit, value),
  }),
  defineFunction<[string, bigint]>({
    signature: 'date_trunc(text, timestamptz) -> timestamptz',
    family: 'time',
    description: 'Start of the unit that holds the timestamp, in the session’s time zone',
    examples: [["date_trunc('day', timestamptz '2001-02-16 20:38:40+00')", '2001-02-16 00:00:00+00']],
    volatility: 'stable',
    fallible: true,
    evaluate: ([unit, value], context) => truncateTimestamptz(unit, value, context.timeZone),
  }),
  defineFunction<[string, bigint, string]>({
    signature: 'date_trunc(text, timestamptz, text) -> timestamptz',
    family: 'time',
    description: 'Start of the unit that holds the timestamp, in this time zone',
    examples: [["date_trunc('day', timestamptz '2001-02-16 20:38:40+00', 'Australia/Sydney')", '2001-02-16 13:00:00+00']],
    volatility: 'stable',
    fallible: true,
    evaluate: ([unit, value, zone]) => truncateTimestamptz(unit, value, zone),
  }),
  defineFunction<[string, Interval]>({
    signature: 'date_trunc(text, interval) -> interval',
    family: 'time',
    description: 'Drops the fields below the unit',
    examples: [["date_trunc('hour', interval '2 days 3 hours 40 minutes')", '2 days 03:00:00']],
    fallible: true,
    evaluate: ([unit, value]) => truncateInterval(unit, value),
  }),
  ...(['timestamp', 'timestamptz'] as const).map((kind) =>
    defineFunction<[Interval, bigint, bigint]>({
      signature: `date_bin(interval, ${kind}, ${kind}) -> ${kind}`,
      family: 'time',
      description: 'Start of the bin of this width, counted from an origin, that holds the timestamp',
      examples: [
        [
          `date_bin('15 minutes', ${kind} '2001-02-16 20:38:40${kind === 'timestamp' ? '' : '+00'}', ${kind} '2001-02-16 20:05:00${kind === 'timestamp' ? '' : '+00'}')`,
          `2001-02-16 20:35:00${kind === 'timestamp' ? '' : '+00'}`,
        ],
      ],
      fallible: true,
      evaluate: ([stride, source, origin]) => binTimestamp(stride, source, origin),
    }),
  ),
  defineFunction<[bigint, bigint]>({
    signature: 'age(timestamp, timestamp) -> interval',
    family: 'time',
    description: 'Time between two timestamps in years, months, days and time',
    examples: [["age(timestamp '2001-04-10', timestamp '1957-06-13')", '43 years 9 mons 27 days']],
    fallible: true,
    evaluate: ([later, earlier]) => timestampAge(later, earlier),
  }),
  defineFunction<[bigint, bigint]>({
    signature: 'age(timestamptz, timestamptz) -> interval',
    family: 'time',
    description: 'Time between two instants in years, months, days and time of the session’s zone',
    examples: [["age(timestamptz '2001-04-10 00:00+00', timestamptz '2001-03-13 12:00+00')", '27 days 12:00:00']],
    volatility: 'stable',
    fallible: true,
    evaluate: ([later, earlier], { timeZone }) => timestampAge(timestamptzToTimestamp(later, timeZone), timestamptzToTimestamp(earlier, timeZone)),
  }),
  defineFunction<[bigint]>({
    signature: 'age(timestamp) -> interval',
    family: 'time',
    description: 'Time since then until midnight of today',
    examples: [['age(current_date::timestamp)', '00:00:00']],
    volatility: 'stable',
    fallible: true,
    evaluate: ([earlier], context) => timestampAge(midnight(context), earlier),
  }),
  ...(
    [
      ['justify_days', 'Every 30 days become a month', justifyDays, '1 year 65 days', '1 year 2 mons 5 days'],
      ['justify_hours', 'Every 24 hours become a day', justifyHours, '50 hours 10 minutes', '2 days 02:10:00'],
      ['justify_interval', 'Days become months, hours days, and all fields get one sign', justifyInterval, '1 mon -1 hour', '29 days 23:00:00'],
    ] as const
  ).map(([name, description, compute, sample, result]) =>
    defineFunction<[Interval]>({
      signature: `${name}(interval) -> interval`,
      family: 'time',
      description,
      examples: [[`${name}(interval '${sample}')`, result]],
      fallible: true,
      evaluate: ([value]) => compute(value),
    }),
  ),
  defineFunction<[number]>({
    signature: 'isfinite(date) -> bool',
    family: 'time',
    description: 'Not infinity',
    examples: [["isfinite(date '2001-02-16')", 't']],
    evaluate: ([days]) => !isInfiniteDate(days),
  }),
  ...(['timestamp', 'timestamptz'] as const).map((kind) =>
    defineFunction<[bigint]>({
      signature: `isfinite(${kind}) -> bool`,
      family: 'time',
      description: 'Not infinity',
      examples: [[`isfinite(${kind} 'infinity')`, 'f']],
      evaluate: ([micros]) => !isInfiniteTimestamp(micros),
    }),
  ),
  defineFunction<[Interval]>({
    signature: 'isfinite(interval) -> bool',
    family: 'time',
    description: 'Not infinity',
    examples: [["isfinite(interval '4 hours')", 't']],
    evaluate: ([value]) => !isInfiniteInterval(value),
  }),
  ...(['date_add', 'date_subtract'] as const).map((name) =>
    defineFunction<[bigint, Interval]>({
      signature: `${name}(timestamptz, interval) -> timestamptz`,
      family: 'time',
      description: name === 'date_add' ? 'Adds an interval' : 'Subtracts an interval',
      examples: [
        [
          `${name}('2021-10-31 00:00:00+00'::timestamptz, '1 day'::interval)`,
          name === 'date_add' ? '2021-11-01 00:00:00+00' : '2021-10-30 00:00:00+00',
        ],
      ],
      volatility: 'stable',
      fallible: true,
      evaluate: ([value, interval], { timeZone }) => addToTimestamptz(value, name === 'date_add' ? interval : negateInterval(interval), timeZone),
    }),
  ),
];

function midnight(context: { nowMicros: bigint; timeZone: string }): bigint {
  const local = timestamptzToTimestamp(context.nowMicros, context.timeZone);
  return local - BigInt(splitTimestamp(local).timeMicros);
}
