import type { Accumulator, AggregateDefinition } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { defineAggregate, example } from './define-aggregate.ts';
import { float8Type, numericType } from './float-slots.ts';
import { FloatSumAccumulator } from './float-sum-accumulator.ts';
import { averageToNumeric } from './integer-sum-accumulator.ts';
import { IntervalSumState } from './interval-state.ts';
import { NumericSumState } from './numeric-states.ts';
import { StateAccumulator } from './state-accumulator.ts';

const intervalType: SqlType = { kind: 'interval' };

export const averageAggregates: readonly AggregateDefinition[] = [
  ...(['int2', 'int4', 'int8'] as const).map((kind) =>
    average({ kind }, numericType, () => averageToNumeric(), example('avg(x)', `(1::${kind}), (2::${kind})`, '1.5000000000000000')),
  ),
  ...(['float4', 'float8'] as const).map((kind) =>
    average({ kind }, float8Type, () => new FloatSumAccumulator(float8Type, true), example('avg(x)', `(1::${kind}), (2::${kind})`, '1.5')),
  ),
  average(
    numericType,
    numericType,
    () => new StateAccumulator(numericType, () => new NumericSumState(true)),
    example('avg(x)', '(1.0), (2.5)', '1.7500000000000000'),
  ),
  average(
    intervalType,
    intervalType,
    () => new StateAccumulator(intervalType, () => new IntervalSumState(true)),
    example('avg(x)', "(INTERVAL '1 hour'), (INTERVAL '2 hours')", '01:30:00'),
  ),
];

function average(argument: SqlType, result: SqlType, create: () => Accumulator, shown: ReturnType<typeof example>): AggregateDefinition {
  return defineAggregate({
    name: 'avg',
    argumentTypes: [argument],
    resultType: result,
    resultName: result.kind,
    description: 'arithmetic mean of the values that are not NULL, NULL when there are none',
    examples: [shown],
    create,
  });
}
