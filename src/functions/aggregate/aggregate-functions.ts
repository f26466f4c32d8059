import type { AggregateDefinition } from '../../spi/index.ts';
import { averageAggregates } from './average.ts';
import { bitwiseAggregates } from './bitwise.ts';
import { booleanAggregates } from './boolean.ts';
import { collectionAggregates } from './collection.ts';
import { countAggregates } from './count.ts';
import { extremeAggregates } from './extreme.ts';
import { sumAggregates } from './sum.ts';
import { varianceAggregates } from './variance.ts';

/** Every aggregate, by family. */
export const aggregateFunctions: readonly AggregateDefinition[] = [
  ...averageAggregates,
  ...bitwiseAggregates,
  ...booleanAggregates,
  ...collectionAggregates,
  ...countAggregates,
  ...extremeAggregates,
  ...sumAggregates,
  ...varianceAggregates,
];
