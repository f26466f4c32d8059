import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';
import { Batch } from '../batch.ts';
import { batchFromRows } from '../batch-builder.ts';
import { type Column, FixedColumn } from '../column.ts';
import { columnFromDatums } from '../column-builder.ts';
import { rowsOf } from '../read-datum.ts';
import { GroupIndex } from './group-index.ts';

type Row = (Datum | null)[];

const INT8: SqlType = { kind: 'int8' };
const TEXT: SqlType = { kind: 'text' };

const shapes: { name: string; types: SqlType[]; row: (random: Random) => Row }[] = [
  {
    name: 'one int',
    types: [INT8],
    row: (random) => [random.nextInt(20) === 0 ? null : BigInt(random.nextInt(30_000)) * 4294967296n * BigInt(random.nextInt(2))],
  },
  {
    name: 'two ints',
    types: [INT8, { kind: 'int4' }],
    row: (random) => [BigInt(random.nextInt(300)), random.nextInt(9) === 0 ? null : random.nextInt(300) - 150],
  },
  {
    name: 'three ints',
    types: [INT8, { kind: 'int4' }, { kind: 'bool' }],
    row: (random) => [BigInt(random.nextInt(200)), random.nextInt(9) === 0 ? null : random.nextInt(200), random.nextInt(2) === 0],
  },
  { name: 'pairs without NULL', types: [INT8, INT8], row: (random) => [BigInt(random.nextInt(300)) << 30n, BigInt(random.nextInt(300))] },
  { name: 'text', types: [TEXT], row: (random) => [random.nextInt(20) === 0 ? null : 'x'.repeat(random.nextInt(9)) + random.nextInt(20_000)] },
  {
    name: 'text and int',
    types: [TEXT, INT8, TEXT],
    row: (random) => [
      `k${random.nextInt(50)}`,
      random.nextInt(5) === 0 ? null : BigInt(random.nextInt(50)),
      random.nextInt(4) === 0 ? null : 'é'.repeat(random.nextInt(3)),
    ],
  },
];

const keyText = (row: Row): string => row.map((value) => (value === null ? 'NULL' : `${typeof value}${value}`)).join('|');

describe('GroupIndex agrees with a Map', () => {
  for (const shape of shapes) {
    it(shape.name, () => {
      const random = seededRandom(7);
      const index = new GroupIndex(shape.types);
      const known = new Map<string, number>();
      const keyOf = new Map<number, string>();
      const out = new Int32Array(5000);
      for (let round = 0; round < 20; round++) {
        const rows = Array.from({ length: 1 + random.nextInt(2000) }, () => shape.row(random));
        const batch = batchFromRows(shape.types, rows);
        const before = known.size;
        index.lookup(batch.columns, batch.rowCount, out);
        expect([...out.subarray(0, rows.length)]).toEqual(rows.map((row) => known.get(keyText(row)) ?? -1));
        const added = index.assign(batch.columns, batch.rowCount, out);
        rows.forEach((row, at) => {
          const key = keyText(row);
          const group = known.get(key);
          if (group === undefined) {
            if (keyOf.has(out[at]!)) throw new Error(`group ${out[at]} was given twice`);
            known.set(key, out[at]!);
            keyOf.set(out[at]!, key);
          } else if (out[at] !== group) throw new Error(`key ${key} moved from group ${group} to ${out[at]}`);
        });
        expect(added).toBe(known.size - before);
        expect(index.groupCount).toBe(known.size);
        for (const [key, group] of [...known]) {
          if (random.nextInt(3) !== 0) continue;
          index.remove(group);
          known.delete(key);
          keyOf.delete(group);
        }
        const groups = Int32Array.from(known.values());
        const keys = rowsOf(new Batch(groups.length, index.keyColumnsOf(groups, groups.length)));
        expect(keys.map(keyText)).toEqual([...known.keys()]);
      }
    });
  }
});

describe('GroupIndex', () => {
  for (const shape of shapes) {
    it(`starts again after clear: ${shape.name}`, () => {
      const random = seededRandom(3);
      const index = new GroupIndex(shape.types);
      const out = new Int32Array(3000);
      for (let round = 0; round < 6; round++) {
        const batch = batchFromRows(
          shape.types,
          Array.from({ length: 3000 }, () => shape.row(random)),
        );
        const fresh = new GroupIndex(shape.types);
        const expected = new Int32Array(3000);
        fresh.assign(batch.columns, 3000, expected);
        index.clear();
        expect(index.groupCount).toBe(0);
        index.assign(batch.columns, 3000, out);
        expect(out).toEqual(expected);
        expect(index.groupEnd).toBe(fresh.groupEnd);
        index.remove(out[7]!);
      }
    });
  }

  it('keeps ids and keys while it grows past several tables, with removals in the middle of a move', () => {
    for (const types of [[INT8], [INT8, INT8], [INT8, INT8, INT8], [TEXT]]) {
      const index = new GroupIndex(types);
      const count = 60_000;
      const out = new Int32Array(count);
      const keys = (from: number): Column[] =>
        types.map((type) => {
          if (type === INT8) return new FixedColumn(INT8, sequence(from, 500), null);
          return columnFromDatums(
            TEXT,
            Array.from({ length: 500 }, (_, at) => `key ${from + at}`),
          );
        });
      const removed = new Set<number>();
      for (let from = 0; from < count; from += 500) {
        index.assign(keys(from), 500, out.subarray(from, from + 500));
        if (from % 3000 === 0) {
          index.remove(out[from + 7]!);
          removed.add(from + 7);
        }
      }
      expect(index.groupCount).toBe(count - removed.size);
      const found = new Int32Array(count);
      for (let from = 0; from < count; from += 500) index.lookup(keys(from), 500, found.subarray(from, from + 500));
      expect([...found]).toEqual([...out].map((group, key) => (removed.has(key) ? -1 : group)));
    }
  });

  it('takes a large batch right after small ones', () => {
    for (const types of [[INT8], [INT8, INT8], [INT8, INT8, INT8]]) {
      const index = new GroupIndex(types);
      const out = new Int32Array(20_000);
      const keys = (from: number, count: number): Column[] => types.map(() => new FixedColumn(INT8, sequence(from, count), null));
      for (let from = 0; from < 615; from++) index.assign(keys(from, 1), 1, out);
      index.assign(keys(0, 20_000), 20_000, out);
      expect([...out]).toEqual(Array.from(out, (_, key) => key));
    }
  });

  it('groups by nothing as one group', () => {
    const index = new GroupIndex([]);
    const out = new Int32Array(3).fill(9);
    expect(index.assign([], 3, out)).toBe(1);
    expect([...out]).toEqual([0, 0, 0]);
    expect(index.keyColumnsOf(out, 1)).toEqual([]);
  });
});

function sequence(from: number, count: number): Float64Array {
  const slots = new Float64Array(count);
  const words = new Int32Array(slots.buffer);
  for (let at = 0; at < count; at++) words[2 * at] = from + at;
  return slots;
}
