import type { AggregateDefinition } from '../../spi/index.ts';
import { averageAggregates } from './average.ts';
import { bitwiseAggregates } from './bitwise.ts';
import { booleanAggregates } from './boolean.ts';
import { arrivalAggregates } from './by-arrival.ts';
import { chosenValueAggregates } from './chosen-value.ts';
import { collectionAggregates } from './collection.ts';
import { countAggregates } from './count.ts';
import { distinctCountAggregates } from './distinct-count.ts';
import { extremeAggregates } from './extreme.ts';
import { hypotheticalAggregates } from './hypothetical-set.ts';
import { jsonCollectionAggregates } from './json-collection.ts';
import { orderedSetAggregates } from './ordered-set.ts';
import { regressionAggregates } from './regression.ts';
import { sumAggregates } from './sum.ts';
import { topAggregates } from './top-values.ts';
import { varianceAggregates } from './variance.ts';

/** Every aggregate, by family. */
export const aggregateFunctions: readonly AggregateDefinition[] = [
  ...arrivalAggregates,
  ...averageAggregates,
  ...bitwiseAggregates,
  ...booleanAggregates,
  ...chosenValueAggregates,
  ...collectionAggregates,
  ...countAggregates,
  ...distinctCountAggregates,
  ...extremeAggregates,
  ...hypotheticalAggregates,
  ...jsonCollectionAggregates,
  ...orderedSetAggregates,
  ...regressionAggregates,
  ...sumAggregates,
  ...topAggregates,
  ...varianceAggregates,
];
