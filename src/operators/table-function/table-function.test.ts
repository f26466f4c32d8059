import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { arrayOf, int4Type, type SqlType } from '../../types/index.ts';
import { OperatorHarness, RandomChanges, type Row, RowSet } from '../testing/index.ts';
import { tableFunctionFactory } from './operator.ts';
import { type TableFunctionSpec, tableFunctionSpecCodec } from './spec.ts';

const inputs: readonly (readonly SqlType[])[] = [[int4Type, arrayOf(int4Type)]];

const unnest: TableFunctionSpec = {
  signature: 'unnest(anyarray) -> setof anyelement',
  arguments: [1],
  kept: 1,
  columns: [int4Type],
  ordinality: true,
  keepsUnmatched: false,
};

function randomRow(random: Random): Row {
  const elements = Array.from({ length: random.nextInt(4) }, () => (random.nextInt(4) === 0 ? null : random.nextInt(3)));
  return [random.nextInt(5), random.nextInt(5) === 0 ? null : { elements }];
}

/** Each row's number beside every element with its place; a row without elements alone where it is kept. */
function expected(rows: readonly Row[], keepsUnmatched: boolean): string[] {
  const result = new RowSet();
  for (const [number, array] of rows) {
    const elements = array === null ? [] : (array as { readonly elements: Row }).elements;
    for (const [index, element] of elements.entries()) result.add([number!, element, BigInt(index + 1)], 1);
    if (elements.length === 0 && keepsUnmatched) result.add([number!, null, null], 1);
  }
  return result.lines();
}

test.each([
  { seed: 1, keepsUnmatched: false },
  { seed: 2, keepsUnmatched: true },
])('gives the rows of the function beside each row that is there: %o', ({ seed, keepsUnmatched }) => {
  const random = seededRandom(seed);
  const changes = new RandomChanges(random, randomRow);
  const harness = new OperatorHarness(tableFunctionFactory, tableFunctionSpecCodec.encode({ ...unnest, keepsUnmatched }), { inputs });
  for (let epoch = 0; epoch < 40; epoch++) {
    const { rows, weights } = changes.next(random.nextInt(6));
    harness.rows(0, rows, weights);
    harness.barrier(false);
    expect(harness.content.lines(), `seed ${seed} epoch ${epoch}`).toEqual(expected(changes.present, keepsUnmatched));
  }
});

test('a row with more rows than one may have is an error of that row, taken back with it', () => {
  const series: TableFunctionSpec = { ...unnest, signature: 'generate_series(int4, int4) -> setof int4', arguments: [0, 1], ordinality: false };
  const harness = new OperatorHarness(tableFunctionFactory, tableFunctionSpecCodec.encode(series), { inputs: [[int4Type, int4Type]] });
  harness.rows(0, [
    [1, 2],
    [1, 2_000_000],
  ]);
  harness.rows(0, [[1, 2_000_000]], [-1]);
  harness.barrier(false);
  expect(harness.content.lines()).toEqual(['[1,1]', '[1,2]']);
  expect(harness.observed.rowErrors.map(({ error, weight }) => `${error.code} ${weight}`)).toEqual(['54000 1', '54000 -1']);
});
