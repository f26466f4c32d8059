import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { int8Type, type SqlType, timestamptzType } from '../../types/index.ts';
import { OperatorHarness, RandomChanges, type Row, RowSet } from '../testing/index.ts';
import { temporalFilterFactory } from './operator.ts';
import { type TemporalFilterSpec, temporalFilterSpecCodec } from './spec.ts';

const inputs: readonly (readonly SqlType[])[] = [[int8Type, timestamptzType, timestamptzType]];

const holds: Readonly<Record<TemporalFilterSpec['bounds'][number]['operator'], (left: bigint, right: bigint) => boolean>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

function harnessOf(bounds: TemporalFilterSpec['bounds']): OperatorHarness {
  return new OperatorHarness(temporalFilterFactory, temporalFilterSpecCodec.encode({ bounds, width: 2, partitionBy: [0], partitionKeyCount: 1 }), {
    inputs,
  });
}

/** Rows visible at an epoch, whose time is its number of milliseconds. */
function visible(rows: readonly Row[], bounds: TemporalFilterSpec['bounds'], epoch: number): string[] {
  const now = BigInt(epoch) * 1000n;
  const set = new RowSet();
  for (const row of rows) {
    const all = bounds.every(
      ({ column, operator, shiftMicros }) => row[column] !== null && holds[operator](row[column] as bigint, now + shiftMicros),
    );
    if (all) set.add(row.slice(0, 2), 1);
  }
  return set.lines();
}

test.each([
  [1, [{ column: 1, operator: '>', shiftMicros: -5000n }]],
  [2, [{ column: 1, operator: '>=', shiftMicros: -5000n }]],
  [3, [{ column: 1, operator: '<', shiftMicros: -3000n }]],
  [4, [{ column: 1, operator: '<=', shiftMicros: 2000n }]],
  [
    5,
    [
      { column: 1, operator: '<=', shiftMicros: 3000n },
      { column: 2, operator: '>', shiftMicros: -4000n },
      { column: 1, operator: '>=', shiftMicros: -9000n },
    ],
  ],
] as const)('rows enter and leave as time goes by, under changes and restarts (seed %i)', (seed, bounds) => {
  const random = seededRandom(seed);
  const harness = harnessOf(bounds);
  const time = (source: Random): bigint | null =>
    source.nextInt(15) === 0 ? null : source.nextInt(15) === 0 ? 2n ** 63n - 1n : BigInt(harness.epoch + source.nextInt(24) - 10) * 1000n;
  const changes = new RandomChanges(random, (source) => [BigInt(source.nextInt(2)), time(source), time(source)]);
  for (let epoch = 0; epoch < 120; epoch++) {
    // Now and then nothing arrives, and rows come and go all the same.
    const { rows, weights } = changes.next(random.nextInt(3) === 0 ? 0 : random.nextInt(6));
    harness.rows(0, rows, weights);
    const checkpoint = random.nextInt(3) === 0;
    harness.barrier(checkpoint);
    expect(harness.content.lines(), `epoch ${harness.epoch}`).toEqual(visible(changes.present, bounds, harness.epoch));
    if (checkpoint && random.nextInt(2) === 0) harness.restart();
  }
});

test('rows that have left are forgotten, and may be taken back without harm', () => {
  const harness = harnessOf([{ column: 1, operator: '>', shiftMicros: -2000n }]);
  harness.rows(0, [
    [1n, 1500n, null],
    [2n, 100_000n, null],
  ]);
  expect(harness.barrier(true)).toEqual(['["1n","1500n"]', '["2n","100000n"]']);
  harness.barrier();
  harness.barrier();
  expect(harness.barrier(true)).toEqual(['["1n","1500n"] x-1']);
  expect(harness.content.lines()).toEqual(['["2n","100000n"]']);
  expect(harness.savedRows('rows')).toBe(1);
  harness.rows(0, [[1n, 1500n, null]], [-1]);
  expect(harness.barrier(true)).toEqual([]);
  expect(harness.savedRows('rows')).toBe(1);
});
