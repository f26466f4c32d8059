import type { AggregateDefinition } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { defineAggregate, example } from './define-aggregate.ts';
import { float8Type, int8Type, numericType } from './float-slots.ts';
import { FloatSumAccumulator } from './float-sum-accumulator.ts';
import { sumToInt8, sumToNumeric } from './integer-sum-accumulator.ts';
import { IntervalSumState } from './interval-state.ts';
import { NumericSumState } from './numeric-states.ts';
import { StateAccumulator } from './state-accumulator.ts';

const float4Type: SqlType = { kind: 'float4' };
const intervalType: SqlType = { kind: 'interval' };

/** Result types: PostgreSQL, table "General-Purpose Aggregate Functions". */
export const sumAggregates: readonly AggregateDefinition[] = [
  sum({ kind: 'int2' }, int8Type, () => sumToInt8(), example('sum(x)', '(1::int2), (2::int2)', '3')),
  sum({ kind: 'int4' }, int8Type, () => sumToInt8(), example('sum(x)', '(1), (2), (NULL)', '3')),
  sum({ kind: 'int8' }, numericType, () => sumToNumeric(), example('sum(x)', '(9223372036854775807), (1)', '9223372036854775808')),
  sum(float4Type, float4Type, () => new FloatSumAccumulator(float4Type, false), example('sum(x)', '(0.5::float4), (0.25::float4)', '0.75')),
  sum(
    float8Type,
    float8Type,
    () => new FloatSumAccumulator(float8Type, false),
    example('sum(x)', '(1e100::float8), (1::float8), (-1e100::float8)', '1'),
  ),
  sum(numericType, numericType, () => new StateAccumulator(numericType, () => new NumericSumState(false)), example('sum(x)', '(1.50), (2)', '3.50')),
  sum(
    intervalType,
    intervalType,
    () => new StateAccumulator(intervalType, () => new IntervalSumState(false)),
    example('sum(x)', "(INTERVAL '1 hour'), (INTERVAL '30 minutes')", '01:30:00'),
  ),
];

function sum(
  argument: SqlType,
  result: SqlType,
  create: () => ReturnType<AggregateDefinition['createAccumulator']>,
  shown: ReturnType<typeof example>,
): AggregateDefinition {
  return defineAggregate({
    name: 'sum',
    argumentTypes: [argument],
    resultType: result,
    resultName: result.kind,
    description: 'sum of the values that are not NULL, NULL when there are none; exact',
    examples: [shown],
    create,
  });
}
