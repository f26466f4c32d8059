import { expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { Batch, batchFromRows, readDatum, rowsOf } from '../../batch/index.ts';
import { float8Type, int8Type, type SqlType, textType } from '../../types/index.ts';
import { SlotRows } from './slot-rows.ts';

const types: readonly SqlType[] = [int8Type, textType, float8Type, textType];

test('gives back what has been put in, however rows come and go', () => {
  const random = seededRandom(7);
  const store = new SlotRows(types);
  const model = new Map<number, readonly unknown[]>();
  // Beyond a segment's size as well, as a row may be.
  const text = (): string | null => (random.nextInt(5) === 0 ? null : 'äbc'.repeat(random.nextInt(random.nextInt(400) === 0 ? 400_000 : 1000)));
  for (let epoch = 0; epoch < 30; epoch++) {
    const rows = Array.from({ length: 40 }, () => [random.nextInt(3) === 0 ? null : BigInt(epoch), text(), random.nextInt(9) / 4, text()]);
    const batch = batchFromRows(types, rows);
    for (const [row, values] of rows.entries()) {
      const slot = store.add(batch.columns, row);
      expect(model.has(slot)).toBe(false);
      model.set(slot, values);
    }
    for (const slot of [...model.keys()]) {
      if (random.nextInt(epoch === 15 ? 1 : 3) === 0) continue;
      store.remove(slot);
      model.delete(slot);
      expect(store.has(slot)).toBe(false);
    }
    store.compact();
    const slots = Int32Array.from(model.keys());
    expect(rowsOf(new Batch(slots.length, store.gather(slots)))).toEqual([...model.values()]);
    expect(store.rowCount).toBe(model.size);
    for (const [slot, values] of model) expect(store.columnsOf(slot).map((column) => readDatum(column, slot))).toEqual(values);
  }
});

test('lets go of the text of rows that have gone', () => {
  const store = new SlotRows([textType]);
  const long = batchFromRows([textType], [['x'.repeat(100_000)]]);
  const kept = store.add(long.columns, 0);
  for (let round = 0; round < 200; round++) {
    const others = [0, 1, 2].map(() => store.add(long.columns, 0));
    for (const slot of others) store.remove(slot);
    store.compact();
  }
  expect(store.sizeBytes()).toBeLessThan(4_000_000);
  expect(store.has(kept)).toBe(true);
});
