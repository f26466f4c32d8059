import type { AggregateDefinition } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { BooleanAccumulator } from './boolean-accumulator.ts';
import { defineAggregate, example } from './define-aggregate.ts';

const boolType: SqlType = { kind: 'bool' };

export const booleanAggregates: readonly AggregateDefinition[] = (['bool_and', 'bool_or', 'every'] as const).map((name) =>
  defineAggregate({
    name,
    argumentTypes: [boolType],
    resultType: boolType,
    resultName: 'bool',
    description: name === 'bool_or' ? 'true when a value is true' : 'true when no value is false',
    examples: [example(`${name}(x)`, '(true), (false), (NULL)', name === 'bool_or' ? 't' : 'f')],
    create: () => new BooleanAccumulator(name !== 'bool_or'),
  }),
);
