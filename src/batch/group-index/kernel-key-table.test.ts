import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import type { SqlType } from '../../types/index.ts';
import { type Column, FixedColumn } from '../column.ts';
import { FixedKeyTable } from './fixed-key-table.ts';
import { GroupIds } from './group-ids.ts';
import { GroupIndex } from './group-index.ts';
import { IntKeyTable } from './int-key-table.ts';
import { IntPairTable } from './int-pair-table.ts';
import { KernelKeyTable } from './kernel-key-table.ts';
import type { KeyTable } from './key-table.ts';

const TYPES: readonly SqlType[] = [
  { kind: 'int8' },
  { kind: 'int4' },
  { kind: 'int2' },
  { kind: 'bool' },
  { kind: 'date' },
  { kind: 'float8' },
  { kind: 'float4' },
  { kind: 'timestamp', precision: 3 },
  { kind: 'timestamptz', precision: 6 },
  { kind: 'time', precision: 6 },
];

/** What grouping is, with ids of its own: a twin and what it is compared with never share anything. */
interface Grouping {
  readonly ids: GroupIds;
  readonly table: KeyTable;
}

function twinOf(types: readonly SqlType[]): Grouping {
  const ids = new GroupIds();
  if (types.length === 1) return { ids, table: new IntKeyTable(types[0]!, ids) };
  return { ids, table: types.length === 2 ? new IntPairTable(types, ids) : new FixedKeyTable(types, ids) };
}

/** Words with few or many different values, in low bits, high bits or all of them; garbage under NULLs. */
function randomKeys(random: Random, types: readonly SqlType[], rowCount: number): Column[] {
  const start = random.nextInt(3);
  const spread = [3, 40, 2000, 2 ** 31][random.nextInt(4)]!;
  const shift = BigInt([0, 0, 30, 45][random.nextInt(4)]!);
  return types.map((type) => {
    const slots = new BigInt64Array(rowCount + start);
    for (let row = 0; row < slots.length; row++) slots[row] = BigInt(random.nextInt(spread)) << shift;
    const rare = [1, 2, 30][random.nextInt(3)]!;
    const valid = random.nextInt(2) === 0 ? null : Uint8Array.from(slots, () => (random.nextInt(rare) === 0 ? 0 : 1));
    return new FixedColumn(type, new Float64Array(slots.buffer).subarray(start), valid?.subarray(start) ?? null);
  });
}

const wordsOf = (columns: readonly Column[]): unknown[] =>
  columns.map((column) => [column.type, Buffer.from((column as FixedColumn).f64.buffer).toString('latin1'), column.valid?.join() ?? null]);

function expectSame(found: Grouping, expected: Grouping, groups: Int32Array): void {
  expect([found.ids.end, found.ids.liveCount]).toEqual([expected.ids.end, expected.ids.liveCount]);
  expect(wordsOf(found.table.keysOf(groups, groups.length))).toEqual(wordsOf(expected.table.keysOf(groups, groups.length)));
}

describe('KernelKeyTable', () => {
  it('gives the ids and keys of its twins, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = seededRandom(seed);
        const types = Array.from({ length: [1, 1, 2, 2, 3, 6][random.nextInt(6)]! }, () => TYPES[random.nextInt(TYPES.length)]!);
        const ids = new GroupIds();
        const kernel: Grouping = { ids, table: new KernelKeyTable(types, ids) };
        const twin = twinOf(types);
        for (let step = 0; step < 12; step++) {
          const rowCount = [0, 1, random.nextInt(300), 4096, random.nextInt(9000)][random.nextInt(5)]!;
          const keys = randomKeys(random, types, rowCount);
          const found = new Int32Array(rowCount + 1);
          const expected = new Int32Array(rowCount + 1);
          kernel.table.lookup(keys, rowCount, found);
          twin.table.lookup(keys, rowCount, expected);
          expect(found.join()).toBe(expected.join());
          expect(kernel.table.assign(keys, rowCount, found)).toBe(twin.table.assign(keys, rowCount, expected));
          expect(found.join()).toBe(expected.join());
          const live = twin.ids.live();
          expectSame(kernel, twin, live);
          const removedEvery = [1, 2, 5, 1000][random.nextInt(4)]!;
          for (const group of live) {
            if (random.nextInt(removedEvery) !== 0) continue;
            for (const { ids, table } of [kernel, twin]) {
              table.remove(group);
              ids.release(group);
            }
          }
          if (random.nextInt(8) === 0) {
            for (const { ids, table } of [kernel, twin]) {
              table.clear();
              ids.clear();
            }
          }
        }
      }),
      { seed: 5, numRuns: 15 },
    );
  });
});

describe('GroupIndex', () => {
  it.each([1, 2, 3])('keeps every id when the kernels take over, and when keys of %i columns become too many for them', (columnCount) => {
    const random = seededRandom(columnCount);
    const types: SqlType[] = Array.from({ length: columnCount }, () => ({ kind: 'int8' }));
    const index = new GroupIndex(types);
    const twin = twinOf(types);
    for (let step = 0; step < 40; step++) {
      const rowCount = random.nextInt(2) === 0 ? 12_288 : 1 + random.nextInt(2000);
      const keys = randomKeys(random, types, rowCount);
      const found = new Int32Array(rowCount);
      const expected = new Int32Array(rowCount);
      expect(index.assign(keys, rowCount, found)).toBe(twin.table.assign(keys, rowCount, expected));
      expect(found.join()).toBe(expected.join());
      const live = twin.ids.live();
      expect(wordsOf(index.keyColumnsOf(live, live.length))).toEqual(wordsOf(twin.table.keysOf(live, live.length)));
      for (const group of live) {
        if (random.nextInt(300) !== 0) continue;
        index.remove(group);
        twin.table.remove(group);
        twin.ids.release(group);
      }
      expect([index.groupCount, index.groupEnd]).toEqual([twin.ids.liveCount, twin.ids.end]);
    }
    if (columnCount === 3) expect(index.groupEnd).toBeGreaterThan(131_072);
  });
});
