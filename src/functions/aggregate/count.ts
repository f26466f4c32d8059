import type { AggregateDefinition } from '../../spi/index.ts';
import { CountAccumulator } from './count-accumulator.ts';
import { anyType, defineAggregate, example } from './define-aggregate.ts';
import { int8Type } from './float-slots.ts';

export const countAggregates: readonly AggregateDefinition[] = [
  defineAggregate({
    name: 'count',
    argumentTypes: [],
    resultType: int8Type,
    resultName: 'int8',
    description: 'number of rows',
    examples: [example('count(*)', '(1), (NULL), (3)', '3')],
    create: () => new CountAccumulator(),
  }),
  defineAggregate({
    name: 'count',
    argumentTypes: [anyType],
    resultType: int8Type,
    resultName: 'int8',
    description: 'number of rows whose value is not NULL',
    examples: [example('count(x)', '(1), (NULL), (3)', '2'), example('count(DISTINCT x)', '(1), (1), (3)', '2')],
    create: () => new CountAccumulator(),
  }),
];
