import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { int8Type, type SqlType, textType } from '../../types/index.ts';
import { linesOf, OperatorHarness, type Row, scan } from '../testing/index.ts';
import { materializeFactory } from './operator.ts';
import { materializeSpecCodec } from './spec.ts';

const inputs: readonly (readonly SqlType[])[] = [[textType, int8Type]];
/** An epoch of the harness takes a millisecond, and so does a sixteenth of this. */
const RETENTION_MS = 16;

function harness(): OperatorHarness {
  const spec = { relation: 'r', name: 'r', key: null, partitionKeys: [0, 1], net: true, upsert: false, retentionMs: RETENTION_MS };
  return new OperatorHarness(materializeFactory, materializeSpecCodec.encode(spec), { inputs, appendOnly: true });
}

describe('rows with a retention', () => {
  test.each([1, 2, 3, 4])('are there as long as it says at every epoch, and go without a change (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const operator = harness();
    const written: { readonly epoch: number; readonly row: Row }[] = [];
    let restored = 0;
    const expected = (at: number): string[] =>
      linesOf(written.filter(({ epoch }) => epoch <= at && epoch + 1 > at - RETENTION_MS).map(({ row }) => row));
    for (let epoch = 1; epoch <= 90; epoch++) {
      const rows = Array.from({ length: random.nextInt(5) }, (): Row => [['a', 'b', null][random.nextInt(3)]!, BigInt(random.nextInt(3))]);
      operator.rows(0, rows);
      written.push(...rows.map((row) => ({ epoch, row })));
      const checkpoint = random.nextInt(6) === 0;
      const before = operator.content.lines().length;
      operator.barrier(checkpoint);
      // Downstream only ever hears of rows that have come.
      expect(operator.emitted.every(({ weights }) => weights === null)).toBe(true);
      expect(operator.content.lines().length).toBeGreaterThanOrEqual(before);
      for (let back = 0; back < 4 && epoch - back > restored; back++) {
        expect(scan(operator, epoch - back, { columns: [0, 1] }), `seed ${seed} epoch ${epoch} back ${back}`).toEqual(expected(epoch - back));
      }
      operator.observed.relations.get('r')!.release(epoch - 5);
      if (checkpoint && random.nextInt(2) === 0) {
        operator.restart();
        restored = epoch;
      }
    }
    const [table] = operator.observed.tables;
    expect(table!.keyCount()).toBe(written.filter(({ epoch }) => epoch + 1 > 90 - RETENTION_MS).length);
  });

  test('give their space back: what a checkpoint deletes is what it has put', () => {
    const operator = harness();
    operator.rows(0, [
      ['a', 1n],
      ['a', 1n],
    ]);
    operator.barrier(true);
    operator.restart();
    for (let epoch = 2; epoch <= RETENTION_MS + 2; epoch++) operator.barrier();
    const [table] = operator.observed.tables;
    const { upserts, deletes } = table!.collectDirty(operator.epoch);
    expect([upserts.rowCount, deletes.rowCount, table!.sizeBytes(), table!.keyCount()]).toEqual([0, 2, 0, 0]);
  });

  test('leave nothing for a checkpoint that never saw them', () => {
    const operator = harness();
    operator.rows(0, [['a', 1n]]);
    for (let epoch = 1; epoch <= RETENTION_MS + 2; epoch++) operator.barrier();
    const { upserts, deletes } = operator.observed.tables[0]!.collectDirty(operator.epoch);
    expect([upserts.rowCount, deletes.rowCount]).toEqual([0, 0]);
  });
});
