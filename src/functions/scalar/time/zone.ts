import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { formatInterval, type Interval, timestampToTimestamptz, timestamptzToTimestamp } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

/** AT TIME ZONE: `value AT TIME ZONE zone` is timezone(zone, value). */
export const zoneFunctions: readonly FunctionDefinition[] = [
  defineFunction<[string, bigint]>({
    signature: 'timezone(text, timestamp) -> timestamptz',
    family: 'time',
    description: 'The instant of a wall-clock time in a zone',
    examples: [["timestamp '2001-02-16 20:38:40' AT TIME ZONE 'America/Denver'", '2001-02-17 03:38:40+00']],
    fallible: true,
    evaluate: ([zone, value]) => timestampToTimestamptz(value, zone),
  }),
  defineFunction<[string, bigint]>({
    signature: 'timezone(text, timestamptz) -> timestamp',
    family: 'time',
    description: 'The wall-clock time of an instant in a zone',
    examples: [["timestamptz '2001-02-16 20:38:40+00' AT TIME ZONE 'America/Denver'", '2001-02-16 13:38:40']],
    fallible: true,
    evaluate: ([zone, value]) => timestamptzToTimestamp(value, zone),
  }),
  defineFunction<[Interval, bigint]>({
    signature: 'timezone(interval, timestamp) -> timestamptz',
    family: 'time',
    description: 'The instant of a wall-clock time at an offset from UTC',
    examples: [["timestamp '2001-02-16 20:38:40' AT TIME ZONE interval '2 hours'", '2001-02-16 18:38:40+00']],
    fallible: true,
    evaluate: ([offset, value]) => value - offsetMicros(offset),
  }),
  defineFunction<[Interval, bigint]>({
    signature: 'timezone(interval, timestamptz) -> timestamp',
    family: 'time',
    description: 'The wall-clock time of an instant at an offset from UTC',
    examples: [["timestamptz '2001-02-16 20:38:40+00' AT TIME ZONE interval '2 hours'", '2001-02-16 22:38:40']],
    fallible: true,
    evaluate: ([offset, value]) => value + offsetMicros(offset),
  }),
];

function offsetMicros(offset: Interval): bigint {
  if (offset.months !== 0 || offset.days !== 0) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: `interval time zone "${formatInterval(offset)}" must not include months or days`,
    });
  }
  return offset.micros;
}
