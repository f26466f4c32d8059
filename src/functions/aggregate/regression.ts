import type { AggregateDefinition } from '../../spi/index.ts';
import { defineAggregate } from './define-aggregate.ts';
import { float8Type, int8Type } from './float-slots.ts';
import { type PairSums, RegressionState } from './regression-state.ts';
import { StateAccumulator } from './state-accumulator.ts';

interface Statistic {
  readonly name: string;
  readonly description: string;
  /** Over (y, x) = (1, 1), (3, 2), (2, 3). */
  readonly result: string;
  /** Pairs that are needed; with fewer the result is NULL. */
  readonly pairsMin: number;
  readonly value: (sums: PairSums) => number | null;
}

/** Statistics of pairs (y, x) in which neither is NULL (SQL:2016, 10.9 binary set functions; PostgreSQL, "Aggregate Functions for Statistics"). */
const statistics: readonly Statistic[] = [
  { name: 'covar_pop', description: 'population covariance', result: '0.3333333333333333', pairsMin: 1, value: (sums) => sums.covariance(0) },
  { name: 'covar_samp', description: 'sample covariance', result: '0.5', pairsMin: 2, value: (sums) => sums.covariance(1) },
  { name: 'corr', description: 'correlation coefficient', result: '0.5', pairsMin: 1, value: (sums) => sums.correlation() },
  { name: 'correlation', description: 'correlation coefficient', result: '0.5', pairsMin: 1, value: (sums) => sums.correlation() },
  {
    name: 'regr_avgx',
    description: 'average of the independent variable',
    result: '2',
    pairsMin: 1,
    value: (sums) => sums.averageX,
  },
  { name: 'regr_avgy', description: 'average of the dependent variable', result: '2', pairsMin: 1, value: (sums) => sums.averageY },
  { name: 'regr_sxx', description: 'squares of the independent variable', result: '2', pairsMin: 1, value: (sums) => sums.squaresX },
  { name: 'regr_syy', description: 'squares of the dependent variable', result: '2', pairsMin: 1, value: (sums) => sums.squaresY },
  { name: 'regr_sxy', description: 'products of both variables', result: '1', pairsMin: 1, value: (sums) => sums.products },
  { name: 'regr_slope', description: 'slope of the least-squares line', result: '0.5', pairsMin: 1, value: (sums) => sums.slope() },
  { name: 'regr_intercept', description: 'where the line meets the y axis', result: '1', pairsMin: 1, value: (sums) => sums.intercept() },
  { name: 'regr_r2', description: 'square of the correlation', result: '0.25', pairsMin: 1, value: (sums) => sums.determination() },
];

const rows = 'FROM (VALUES (1, 1), (3, 2), (2, 3), (NULL, 5)) AS t(y, x)';

export const regressionAggregates: readonly AggregateDefinition[] = [
  ...statistics.map(({ name, description, result, pairsMin, value }) =>
    defineAggregate({
      name,
      argumentTypes: [float8Type, float8Type],
      resultType: float8Type,
      resultName: 'float8',
      description: `${description} of the pairs (y, x) without NULL`,
      examples: [{ sql: `SELECT ${name}(y, x) ${rows}`, result }],
      create: () => new StateAccumulator(float8Type, () => new RegressionState((sums) => (sums.count < pairsMin ? null : value(sums)))),
    }),
  ),
  defineAggregate({
    name: 'regr_count',
    argumentTypes: [float8Type, float8Type],
    resultType: int8Type,
    resultName: 'int8',
    description: 'number of pairs (y, x) without NULL',
    examples: [{ sql: `SELECT regr_count(y, x) ${rows}`, result: '3' }],
    create: () => new StateAccumulator(int8Type, () => new RegressionState((sums) => BigInt(sums.count))),
  }),
];
