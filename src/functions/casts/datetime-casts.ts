import { js, SqlError, SqlState } from '../../base/index.ts';
import type { CastDefinition } from '../../expr/index.ts';
import {
  dateToTimestamp,
  type Interval,
  isInfiniteInterval,
  isInfiniteTimestamp,
  MICROS_PER_DAY_BIGINT,
  splitTimestamp,
  timestampToDate,
  timestampToTimestamptz,
  timestamptzToTimestamp,
} from '../../types/index.ts';
import { defineCast } from './define-cast.ts';

/** Between date, time, timestamp, timestamptz and interval; those that need the session's zone are stable. */
export const datetimeCasts: readonly CastDefinition[] = [
  defineCast<number>('date', 'timestamp', 'implicit', {
    fallible: true,
    convert: (days) => dateToTimestamp(days),
    emit: (value, to, context) => {
      if (value.form !== 'number') return null;
      const micros = context.builder.const('micros', js`${value.code[0]!} * 86400000000`);
      context.builder.if(js`!(Math.abs(${micros}) <= 9007199254740991)`, () => context.builder.line(context.bail));
      return { form: 'number', type: to, code: [js`${micros}`] };
    },
  }),
  defineCast<number>('date', 'timestamptz', 'implicit', {
    fallible: true,
    volatility: 'stable',
    convert: (days, _to, _from, context) => timestampToTimestamptz(dateToTimestamp(days), context.timeZone),
  }),
  defineCast<bigint>('timestamp', 'date', 'assignment', {
    convert: (micros) => timestampToDate(micros),
    emit: (value, to) => (value.form === 'number' ? { form: 'number', type: to, code: [js`Math.floor(${value.code[0]!} / 86400000000)`] } : null),
  }),
  defineCast<bigint>('timestamp', 'time', 'assignment', { convert: (micros) => timeOf(micros) }),
  defineCast<bigint>('timestamp', 'timestamptz', 'implicit', {
    fallible: true,
    volatility: 'stable',
    convert: (micros, _to, _from, context) => timestampToTimestamptz(micros, context.timeZone),
  }),
  defineCast<bigint>('timestamptz', 'timestamp', 'assignment', {
    fallible: true,
    volatility: 'stable',
    convert: (micros, _to, _from, context) => timestamptzToTimestamp(micros, context.timeZone),
  }),
  defineCast<bigint>('timestamptz', 'date', 'assignment', {
    fallible: true,
    volatility: 'stable',
    convert: (micros, _to, _from, context) => timestampToDate(timestamptzToTimestamp(micros, context.timeZone)),
  }),
  defineCast<bigint>('timestamptz', 'time', 'assignment', {
    fallible: true,
    volatility: 'stable',
    convert: (micros, _to, _from, context) => timeOf(timestamptzToTimestamp(micros, context.timeZone)),
  }),
  defineCast<bigint>('time', 'interval', 'implicit', { convert: (micros) => ({ months: 0, days: 0, micros }) }),
  defineCast<Interval>('interval', 'time', 'assignment', {
    fallible: true,
    convert: (interval) => {
      if (isInfiniteInterval(interval))
        throw new SqlError({ code: SqlState.datetimeFieldOverflow, message: 'cannot convert infinite interval to time' });
      return ((interval.micros % MICROS_PER_DAY_BIGINT) + MICROS_PER_DAY_BIGINT) % MICROS_PER_DAY_BIGINT;
    },
  }),
];

function timeOf(micros: bigint): bigint | null {
  return isInfiniteTimestamp(micros) ? null : BigInt(splitTimestamp(micros).timeMicros);
}
