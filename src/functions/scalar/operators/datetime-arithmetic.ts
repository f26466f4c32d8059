import { js, SqlError, SqlState } from '../../../base/index.ts';
import type { EmitContext, EmittedValue, FunctionDefinition } from '../../../expr/index.ts';
import {
  addDays,
  addIntervals,
  addToTimestamp,
  addToTimestamptz,
  dateToTimestamp,
  divideInterval,
  divisionByZeroError,
  type Interval,
  isInfiniteDate,
  MICROS_PER_DAY_BIGINT,
  multiplyInterval,
  negateInterval,
  type SqlType,
  subtractFromTimestamp,
  subtractIntervals,
  timestampDifference,
  timestampType,
  timestamptzType,
} from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { emitSafeInteger } from '../emit.ts';

/** Sums and differences of dates, times, timestamps and intervals (PostgreSQL, table 9.32). */
export const datetimeArithmetic: readonly FunctionDefinition[] = [
  ...timestampOperators('timestamp'),
  ...timestampOperators('timestamptz'),
  ...dateOperators(),
  ...dateAndTimeOperators(),
  ...timeOperators(),
  ...intervalOperators(),
];

function timestampOperators(kind: 'timestamp' | 'timestamptz'): FunctionDefinition[] {
  const zone = kind === 'timestamptz' ? '+00' : '';
  const sample = `${kind} '2024-01-31 10:00:00${zone}'`;
  const type: SqlType = kind === 'timestamp' ? timestampType : timestamptzType;
  const volatility = kind === 'timestamp' ? 'immutable' : 'stable';
  const add = (value: bigint, interval: Interval, timeZone: string): bigint =>
    kind === 'timestamp' ? addToTimestamp(value, interval) : addToTimestamptz(value, interval, timeZone);
  return [
    defineFunction<[bigint, Interval]>({
      signature: `${kind} + interval -> ${kind}`,
      family: 'operator',
      description: 'Adds an interval: months first (the day is cut to the length of the month), then days, then time',
      examples: [[`${sample} + interval '1 month'`, `2024-02-29 10:00:00${zone}`]],
      volatility,
      fallible: true,
      evaluate: ([value, interval], context) => add(value, interval, context.timeZone),
      emit: (args, context) => emitShift(type, args, context, 1),
    }),
    defineFunction<[Interval, bigint]>({
      signature: `interval + ${kind} -> ${kind}`,
      family: 'operator',
      description: 'Adds an interval to a timestamp',
      examples: [[`interval '1 day' + ${sample}`, `2024-02-01 10:00:00${zone}`]],
      volatility,
      fallible: true,
      evaluate: ([interval, value], context) => add(value, interval, context.timeZone),
      emit: (args, context) => emitShift(type, [args[1]!, args[0]!], context, 1),
    }),
    defineFunction<[bigint, Interval]>({
      signature: `${kind} - interval -> ${kind}`,
      family: 'operator',
      description: 'Subtracts an interval',
      examples: [[`${sample} - interval '4 seconds'`, `2024-01-31 09:59:56${zone}`]],
      volatility,
      fallible: true,
      evaluate: ([value, interval], context) =>
        kind === 'timestamp' ? subtractFromTimestamp(value, interval) : addToTimestamptz(value, negateInterval(interval), context.timeZone),
      emit: (args, context) => emitShift(type, args, context, -1),
    }),
    defineFunction<[bigint, bigint]>({
      signature: `${kind} - ${kind} -> interval`,
      family: 'operator',
      description: 'The time between two timestamps, in days and time',
      examples: [[`${sample} - ${kind} '2024-01-29 07:30:00${zone}'`, '2 days 02:30:00']],
      fallible: true,
      evaluate: ([a, b]) => timestampDifference(a, b),
    }),
  ];
}

function dateOperators(): FunctionDefinition[] {
  return [
    defineFunction<[number, number]>({
      signature: 'date + int4 -> date',
      family: 'operator',
      description: 'Adds days to a date',
      examples: [["date '2024-02-28' + 2", '2024-03-01']],
      fallible: true,
      evaluate: ([date, days]) => addDays(date, days),
    }),
    defineFunction<[number, number]>({
      signature: 'int4 + date -> date',
      family: 'operator',
      description: 'Adds days to a date',
      examples: [["2 + date '2024-02-28'", '2024-03-01']],
      fallible: true,
      evaluate: ([days, date]) => addDays(date, days),
    }),
    defineFunction<[number, number]>({
      signature: 'date - int4 -> date',
      family: 'operator',
      description: 'Subtracts days from a date',
      examples: [["date '2024-03-01' - 1", '2024-02-29']],
      fallible: true,
      evaluate: ([date, days]) => addDays(date, -days),
    }),
    defineFunction<[number, number]>({
      signature: 'date - date -> int4',
      family: 'operator',
      description: 'Days between two dates',
      examples: [["date '2024-03-01' - date '2024-02-01'", '29']],
      fallible: true,
      evaluate: ([a, b]) => {
        if (isInfiniteDate(a) || isInfiniteDate(b))
          throw new SqlError({ code: SqlState.datetimeFieldOverflow, message: 'cannot subtract infinite dates' });
        return a - b;
      },
    }),
  ];
}

function dateAndTimeOperators(): FunctionDefinition[] {
  return [
    defineFunction<[number, Interval]>({
      signature: 'date + interval -> timestamp',
      family: 'operator',
      description: 'Adds an interval to midnight of a date',
      examples: [["date '2024-01-31' + interval '1 hour'", '2024-01-31 01:00:00']],
      fallible: true,
      evaluate: ([date, interval]) => addToTimestamp(dateToTimestamp(date), interval),
    }),
    defineFunction<[Interval, number]>({
      signature: 'interval + date -> timestamp',
      family: 'operator',
      description: 'Adds an interval to midnight of a date',
      examples: [["interval '1 hour' + date '2024-01-31'", '2024-01-31 01:00:00']],
      fallible: true,
      evaluate: ([interval, date]) => addToTimestamp(dateToTimestamp(date), interval),
    }),
    defineFunction<[number, Interval]>({
      signature: 'date - interval -> timestamp',
      family: 'operator',
      description: 'Subtracts an interval from midnight of a date',
      examples: [["date '2024-01-31' - interval '1 hour'", '2024-01-30 23:00:00']],
      fallible: true,
      evaluate: ([date, interval]) => subtractFromTimestamp(dateToTimestamp(date), interval),
    }),
    defineFunction<[number, bigint]>({
      signature: 'date + time -> timestamp',
      family: 'operator',
      description: 'A date and a time of day as timestamp',
      examples: [["date '2024-01-31' + time '03:00'", '2024-01-31 03:00:00']],
      fallible: true,
      evaluate: ([date, time]) => (isInfiniteDate(date) ? dateToTimestamp(date) : dateToTimestamp(date) + time),
    }),
    defineFunction<[bigint, number]>({
      signature: 'time + date -> timestamp',
      family: 'operator',
      description: 'A time of day and a date as timestamp',
      examples: [["time '03:00' + date '2024-01-31'", '2024-01-31 03:00:00']],
      fallible: true,
      evaluate: ([time, date]) => (isInfiniteDate(date) ? dateToTimestamp(date) : dateToTimestamp(date) + time),
    }),
  ];
}

function timeOperators(): FunctionDefinition[] {
  const wrap = (micros: bigint): bigint => ((micros % MICROS_PER_DAY_BIGINT) + MICROS_PER_DAY_BIGINT) % MICROS_PER_DAY_BIGINT;
  return [
    defineFunction<[bigint, Interval]>({
      signature: 'time + interval -> time',
      family: 'operator',
      description: 'Adds the time part of an interval, around midnight',
      examples: [["time '23:00' + interval '3 hours'", '02:00:00']],
      evaluate: ([time, interval]) => wrap(time + interval.micros),
    }),
    defineFunction<[Interval, bigint]>({
      signature: 'interval + time -> time',
      family: 'operator',
      description: 'Adds the time part of an interval, around midnight',
      examples: [["interval '3 hours' + time '23:00'", '02:00:00']],
      evaluate: ([interval, time]) => wrap(time + interval.micros),
    }),
    defineFunction<[bigint, Interval]>({
      signature: 'time - interval -> time',
      family: 'operator',
      description: 'Subtracts the time part of an interval, around midnight',
      examples: [["time '01:00' - interval '3 hours'", '22:00:00']],
      evaluate: ([time, interval]) => wrap(time - interval.micros),
    }),
    defineFunction<[bigint, bigint]>({
      signature: 'time - time -> interval',
      family: 'operator',
      description: 'The time between two times of a day',
      examples: [["time '05:00' - time '03:30'", '01:30:00']],
      evaluate: ([a, b]) => ({ months: 0, days: 0, micros: a - b }),
    }),
  ];
}

function intervalOperators(): FunctionDefinition[] {
  return [
    defineFunction<[Interval, Interval]>({
      signature: 'interval + interval -> interval',
      family: 'operator',
      description: 'Adds intervals field by field',
      examples: [["interval '1 day' + interval '1 hour'", '1 day 01:00:00']],
      fallible: true,
      evaluate: ([a, b]) => addIntervals(a, b),
    }),
    defineFunction<[Interval, Interval]>({
      signature: 'interval - interval -> interval',
      family: 'operator',
      description: 'Subtracts intervals field by field',
      examples: [["interval '1 day' - interval '1 hour'", '1 day -01:00:00']],
      fallible: true,
      evaluate: ([a, b]) => subtractIntervals(a, b),
    }),
    defineFunction<[Interval]>({
      signature: '- interval -> interval',
      family: 'operator',
      description: 'The interval in the other direction',
      examples: [["- interval '23 hours'", '-23:00:00']],
      fallible: true,
      evaluate: ([a]) => negateInterval(a),
    }),
    defineFunction<[Interval, number]>({
      signature: 'interval * float8 -> interval',
      family: 'operator',
      description: 'Multiplies every field; fractions of months become days, of days time',
      examples: [["interval '1 day 2 hours' * 1.5", '1 day 15:00:00']],
      fallible: true,
      evaluate: ([interval, factor]) => multiplyInterval(interval, factor),
    }),
    defineFunction<[number, Interval]>({
      signature: 'float8 * interval -> interval',
      family: 'operator',
      description: 'Multiplies every field; fractions of months become days, of days time',
      examples: [["900 * interval '1 second'", '00:15:00']],
      fallible: true,
      evaluate: ([factor, interval]) => multiplyInterval(interval, factor),
    }),
    defineFunction<[Interval, number]>({
      signature: 'interval / float8 -> interval',
      family: 'operator',
      description: 'Divides every field',
      examples: [["interval '1 hour' / 1.5", '00:40:00']],
      fallible: true,
      evaluate: ([interval, divisor]) => {
        if (divisor === 0) throw divisionByZeroError();
        return divideInterval(interval, divisor);
      },
    }),
  ];
}

/**
 * A timestamp and an interval held as datum: in the loop only the micros are added, and a row whose interval has months or days (days
 * of a timestamptz depend on the zone) goes to the interpreter.
 */
function emitShift(type: SqlType, args: readonly EmittedValue[], context: EmitContext, sign: 1 | -1): EmittedValue | null {
  const [value, interval] = args as [EmittedValue, EmittedValue];
  if (value.form !== 'number' || interval.form !== 'datum') return null;
  const shift = context.builder.capture('intervalShift', type.kind === 'timestamp' ? shiftWithDays : shiftOfTime);
  const micros = context.builder.const('shift', js`${shift}(${interval.code[0]!})`);
  return emitSafeInteger(type, sign === 1 ? js`${value.code[0]!} + ${micros}` : js`${value.code[0]!} - ${micros}`, context);
}

/** Micros of an interval of days and time; NaN where months make it depend on the date, so that the caller gives up the row. */
function shiftWithDays(interval: Interval): number {
  return interval.months === 0 ? interval.days * 86_400_000_000 + Number(interval.micros) : Number.NaN;
}

function shiftOfTime(interval: Interval): number {
  return interval.months === 0 && interval.days === 0 ? Number(interval.micros) : Number.NaN;
}
