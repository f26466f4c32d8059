import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { batchFromRows, encodeBatch } from '../../batch/index.ts';
import type { KeyRange } from '../../spi/index.ts';
import { int8Type, numericType, type SqlType, textType } from '../../types/index.ts';
import { OperatorHarness, RandomChanges, type Row, RowSet } from '../testing/index.ts';
import { materializeFactory } from './operator.ts';
import { materializeSpecCodec } from './spec.ts';

const types: readonly SqlType[] = [textType, int8Type, numericType];

function harnessOf(key: readonly number[] | null, appendOnly: boolean): OperatorHarness {
  const partitionKeys = key === null ? [1] : [...key];
  const parameters = materializeSpecCodec.encode({ relation: 'r', name: 'r', key, partitionKeys, net: false, upsert: false, retentionMs: null });
  return new OperatorHarness(materializeFactory, parameters, { inputs: [types], appendOnly });
}

function rowsIn(harness: OperatorHarness, epoch: number, range: KeyRange): string[] {
  const result = new RowSet();
  const batches = harness.observed.relations.get('r')!.scan(epoch, { columns: [0, 1, 2], range });
  for (let next = batches.next(); !next.done; next = batches.next()) result.addBatch(next.value);
  return result.lines();
}

function linesOf(rows: readonly Row[]): string[] {
  const result = new RowSet();
  for (const row of rows) result.add(row, 1);
  return result.lines();
}

/** `second column = number`. */
function equalTo(number: bigint): KeyRange {
  const bound = { values: encodeBatch(batchFromRows([int8Type], [[number]])), inclusive: true };
  return { columns: [1], low: bound, high: bound };
}

describe.each([
  ['a multiset', null, false],
  ['by its key', [1], false],
  ['by a part of its rows', [1, 0], false],
  ['rows that are only added', null, true],
] as const)('%s', (_, key, appendOnly) => {
  test.each([1, 2])('a read of a range gives the rows in it and no others, at every retained epoch and after a restart (seed %i)', (seed) => {
    const random = seededRandom(seed);
    let made = 0n;
    const changes = new RandomChanges(random, () => [
      ['a', 'b', null][random.nextInt(3)]!,
      key === null ? BigInt(random.nextInt(6)) : made++,
      { mantissa: BigInt(random.nextInt(3)), scale: 1 },
    ]);
    const harness = harnessOf(key, appendOnly);
    const history: Row[][] = [];
    let restored = 0;
    for (let epoch = 1; epoch <= 30; epoch++) {
      const { rows, weights } = changes.next(1 + random.nextInt(20));
      if (appendOnly) {
        harness.rows(0, rows);
        history[epoch] = [...(history[epoch - 1] ?? []), ...rows];
      } else {
        harness.rows(0, rows, weights);
        history[epoch] = [...changes.present];
      }
      const checkpoint = random.nextInt(4) === 0;
      harness.barrier(checkpoint);
      for (let back = 0; back < 4 && epoch - back > restored; back++) {
        for (const number of [0n, 3n, 77n]) {
          const expected = history[epoch - back]!.filter((row) => row[1] === number);
          expect(rowsIn(harness, epoch - back, equalTo(number)), `epoch ${epoch} back ${back}`).toEqual(linesOf(expected));
        }
      }
      if (random.nextInt(5) === 0) harness.observed.relations.get('r')!.dropIndex!([1]);
      harness.observed.relations.get('r')!.release(epoch - 5);
      if (checkpoint) {
        harness.restart();
        restored = epoch;
      }
    }
  });
});
