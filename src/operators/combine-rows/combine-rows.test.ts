import { expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { rowsOf } from '../../batch/index.ts';
import { aggregateFunctions } from '../../functions/aggregate/index.ts';
import { int8Type, type SqlType, textType } from '../../types/index.ts';
import { hashAggregateFactory } from '../hash-aggregate/operator.ts';
import { hashAggregateSpecCodec } from '../hash-aggregate/spec.ts';
import type { AggregateCallSpec } from '../spec/index.ts';
import { OperatorHarness, type Row } from '../testing/index.ts';
import { combineRowsFactory } from './operator.ts';
import { combineRowsSpecCodec } from './spec.ts';

/** Key, a column whose maximum matters, one whose minimum does, one that is counted. */
const types: readonly SqlType[] = [textType, int8Type, textType, int8Type];
const extremes = [
  { column: 1, signature: 'max(int8) -> int8' },
  { column: 2, signature: 'min(text) -> text' },
];

function call(signature: string, args: readonly number[], type: SqlType): AggregateCallSpec {
  return { signature, args, distinct: false, filter: null, orderBy: [], type };
}

function aggregated(batches: readonly { readonly rows: readonly Row[]; readonly weights: readonly number[] }[]): string[] {
  const calls = [
    call('max(int8) -> int8', [1], int8Type),
    call('min(text) -> text', [2], textType),
    call('count(*) -> int8', [], int8Type),
    call('sum(int8) -> numeric', [3], { kind: 'numeric', precision: null, scale: null }),
    { ...call('count(any) -> int8', [3], int8Type), distinct: true },
  ];
  const parameters = hashAggregateSpecCodec.encode({ keys: [0], partitionKeyCount: 1, calls });
  const harness = new OperatorHarness(hashAggregateFactory, parameters, { inputs: [types], appendOnly: true });
  for (const { rows, weights } of batches) harness.rows(0, rows, weights);
  harness.barrier();
  return harness.content.lines();
}

test.each([1, 2, 3])('an aggregation finds the same with rows combined (seed %i)', (seed) => {
  const random = seededRandom(seed);
  const harness = new OperatorHarness(combineRowsFactory, combineRowsSpecCodec.encode({ extremes }), { inputs: [types], appendOnly: true });
  const plain: { rows: Row[]; weights: number[] }[] = [];
  const combined: { rows: Row[]; weights: number[] }[] = [];
  let rowCount = 0;
  for (let round = 0; round < 100; round++) {
    // Every twentieth batch has more different rows than can be combined.
    const keys = round % 20 === 0 ? 1000 : 3;
    const rows = Array.from({ length: 1 + random.nextInt(60) }, (): Row => {
      const text = random.nextInt(6) === 0 ? null : String.fromCharCode(97 + random.nextInt(26));
      return [`k${random.nextInt(keys)}`, random.nextInt(5) === 0 ? null : BigInt(random.nextInt(100) - 50), text, BigInt(random.nextInt(2))];
    });
    const weights = rows.map(() => (round % 2 === 0 ? 1 : 1 + random.nextInt(3)));
    plain.push({ rows, weights });
    harness.rows(0, rows, weights);
    harness.barrier();
    for (const batch of harness.emitted) {
      combined.push({ rows: [...rowsOf(batch)], weights: batch.weights === null ? rowsOf(batch).map(() => 1) : [...batch.weights] });
      rowCount += batch.rowCount;
    }
  }
  expect(aggregated(combined)).toEqual(aggregated(plain));
  expect(rowCount).toBeLessThan(plain.reduce((sum, { rows }) => sum + rows.length, 0));
});

test('combined rows carry how many they were', () => {
  const harness = new OperatorHarness(combineRowsFactory, combineRowsSpecCodec.encode({ extremes }), { inputs: [types], appendOnly: true });
  harness.rows(0, [
    ['a', 1n, 'y', 7n],
    ['a', 5n, null, 7n],
    ['b', null, null, 7n],
    ['a', 3n, 'x', 7n],
    ['b', null, null, 7n],
  ]);
  expect(harness.barrier()).toEqual(['["a","5n","x","7n"] x3', '["b",null,null,"7n"] x2']);
});

test('only signatures that exist are accepted', () => {
  const parameters = combineRowsSpecCodec.encode({ extremes: [{ column: 1, signature: 'max(nothing) -> nothing' }] });
  expect(() => new OperatorHarness(combineRowsFactory, parameters, { inputs: [types] })).toThrow('does not exist');
  expect(aggregateFunctions.some(({ signature }) => signature === extremes[1]!.signature)).toBe(true);
});
