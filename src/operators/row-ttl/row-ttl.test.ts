import { expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { int8Type, type SqlType } from '../../types/index.ts';
import { OperatorHarness, RandomChanges, type Row, RowSet, rowKey } from '../testing/index.ts';
import { rowTtlFactory } from './operator.ts';
import { rowTtlSpecCodec } from './spec.ts';

const inputs: readonly (readonly SqlType[])[] = [[int8Type, int8Type]];

function harnessOf(ttlMs: number): OperatorHarness {
  return new OperatorHarness(rowTtlFactory, rowTtlSpecCodec.encode({ ttlMs, partitionBy: [0] }), { inputs });
}

test.each([1, 2, 3, 4])('rows go when they have not been touched for the ttl, whatever is taken back, restarts included (seed %i)', (seed) => {
  const random = seededRandom(seed);
  const ttlMs = 4;
  const harness = harnessOf(ttlMs);
  const changes = new RandomChanges(random, (source) => [BigInt(source.nextInt(3)), BigInt(source.nextInt(4))]);
  const kept = new Map<string, { row: Row; count: number; touched: number }>();
  for (let epoch = 1; epoch <= 150; epoch++) {
    const { rows, weights } = changes.next(random.nextInt(4));
    harness.rows(0, rows, weights);
    for (const [at, row] of rows.entries()) {
      const known = kept.get(rowKey(row))?.count ?? 0;
      kept.set(rowKey(row), { row, count: known + weights[at]!, touched: epoch });
    }
    for (const [key, { count, touched }] of kept) if (count <= 0 || touched + ttlMs <= epoch) kept.delete(key);
    const checkpoint = random.nextInt(3) === 0;
    harness.barrier(checkpoint);
    const model = new RowSet();
    for (const { row, count } of kept.values()) model.add(row, count);
    expect(harness.content.lines(), `epoch ${epoch}`).toEqual(model.lines());
    if (checkpoint && random.nextInt(2) === 0) harness.restart();
  }
});

test('rows that went are not kept in the state', () => {
  const harness = harnessOf(2);
  harness.rows(0, [[1n, 1n]]);
  harness.barrier(true);
  expect(harness.savedRows('rows')).toBe(1);
  harness.barrier();
  expect(harness.barrier(true)).toEqual(['["1n","1n"] x-1']);
  expect(harness.savedRows('rows')).toBe(0);
});
