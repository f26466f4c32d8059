import { expect, test } from 'vitest';
import { batchFromRows, decodeBatch, rowsOf } from '../../batch/index.ts';
import type { StateTableDeclaration } from '../../spi/index.ts';
import type { StateBlock } from '../../state/index.ts';
import type { SqlType } from '../../types/index.ts';
import { encodeSnapshot } from './encode-snapshot.ts';

const int8: SqlType = { kind: 'int8' };
const KEY_GROUPS = 128;
const ROWS = 40_000;

function encoded(
  more: Partial<StateTableDeclaration>,
  upserts: readonly (readonly bigint[])[],
  deletes: readonly bigint[],
  owned = { first: 0, last: KEY_GROUPS - 1 },
): { readonly blocks: readonly StateBlock[]; readonly pauses: number } {
  const declaration: StateTableDeclaration = { name: 'counts', columns: [int8, int8], keyCount: 1, partitionKeyCount: 1, ...more };
  const table = {
    operatorId: 'one',
    declaration,
    upserts: batchFromRows([int8, int8], upserts),
    deletes: batchFromRows(
      [int8],
      deletes.map((key) => [key]),
    ),
  };
  const steps = encodeSnapshot({ epoch: 1, tables: [table] }, { maxParallelism: KEY_GROUPS, owned });
  for (let pauses = 0; ; pauses++) {
    const { done, value } = steps.next();
    if (done === true) return { blocks: value, pauses };
  }
}

const rowsIn = (blocks: readonly StateBlock[], of: 'upserts' | 'deletes'): string[] =>
  blocks.flatMap((block) => rowsOf(decodeBatch(block[of])).map((row) => row.join('|'))).sort();

test('all rows of many are there after some pauses, those of a key group in one block', () => {
  const rows = Array.from({ length: ROWS }, (_, key) => [BigInt(key), BigInt(2 * key)]);
  const gone = [-1n, -2n, -3n];
  const { blocks, pauses } = encoded({}, rows, gone);
  expect(pauses).toBeGreaterThanOrEqual(4);
  expect(blocks.map(({ keyGroup }) => keyGroup)).toEqual([...new Set(blocks.map(({ keyGroup }) => keyGroup))].sort((left, right) => left - right));
  expect(rowsIn(blocks, 'upserts')).toEqual(rows.map((row) => row.join('|')).sort());
  expect(rowsIn(blocks, 'deletes')).toEqual(gone.map(String).sort());
  for (const { upserts, upsertCount, deletes, deleteCount } of blocks)
    expect([decodeBatch(upserts).rowCount, decodeBatch(deletes).rowCount]).toEqual([upsertCount, deleteCount]);
});

test('a table of no key groups is one block, which says whether it is fleeting', () => {
  const { blocks } = encoded({ partitionKeyCount: 0, fleeting: true }, [[7n, 70n]], []);
  expect(blocks).toMatchObject([{ operatorId: 'one', table: 'counts', keyGroup: 0, upsertCount: 1, deleteCount: 0, fleeting: true }]);
  expect(rowsIn(blocks, 'upserts')).toEqual(['7|70']);
  expect(encoded({ partitionKeyCount: 0 }, [], []).blocks).toEqual([]);
});

test('of a replicated table each subtask writes its own key groups, together all of it once', () => {
  const rows = Array.from({ length: 500 }, (_, key) => [BigInt(key), BigInt(2 * key)]);
  const gone = [-1n, -2n, -3n, -4n];
  const whole = encoded({}, rows, gone).blocks;
  const parts = [
    { first: 0, last: 41 },
    { first: 42, last: 84 },
    { first: 85, last: 127 },
  ].map((owned) => encoded({ replicated: true }, rows, gone, owned).blocks);
  expect(parts.flat()).toEqual(whole);
  expect(parts.every((blocks) => blocks.length > 0)).toBe(true);
  // Rows of other tables may lie anywhere.
  expect(encoded({}, rows, gone, { first: 0, last: 0 }).blocks).toEqual(whole);
});
