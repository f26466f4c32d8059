import { expect, test } from 'vitest';
import { SqlState } from '../../base/index.ts';
import { batchFromRows, decodeBatch, rowsOf } from '../../batch/index.ts';
import { type CatalogEntry, CatalogSnapshot, decodeCatalogEntries, encodeCatalogEntries } from '../../catalog/index.ts';
import { type EmbeddedLog, MemoryDirectory, openMemoryStateStore } from '../../state/index.ts';
import { int4Type, textType } from '../../types/index.ts';
import type { PreparedChanges } from './table-store.ts';
import { marked, rowsWrittenEntry, unwrittenRowsEntry, writeUnwrittenRows } from './unwritten-rows.ts';

const changes = (text: string): PreparedChanges => ({
  tables: [],
  stamp: { epoch: 0 },
  writes: [
    {
      relation: '16384',
      batch: batchFromRows(
        [int4Type, textType],
        [
          [1, text],
          [2, null],
        ],
        [1, -1],
      ),
    },
  ],
});

/** As the catalog's log has it. */
const read = (entry: CatalogEntry): CatalogSnapshot => CatalogSnapshot.ofSystem([]).with(decodeCatalogEntries(encodeCatalogEntries([entry])));

async function recordsOf(log: EmbeddedLog): Promise<unknown[]> {
  const records: unknown[] = [];
  for await (const { writes } of log.read(0))
    records.push(writes.map(({ relation, batch }) => [relation, rowsOf(decodeBatch(batch)), [...(decodeBatch(batch).weights ?? [])]]));
  return records;
}

test('a start writes the rows that the log does not have, and only those', async () => {
  const { embeddedLog } = openMemoryStateStore(new MemoryDirectory());
  const first = read(unwrittenRowsEntry(marked(changes('a'), 16400), CatalogSnapshot.ofSystem([]), 0));
  expect(await writeUnwrittenRows(first, embeddedLog)).toBe(true);
  const written = await recordsOf(embeddedLog);
  expect(written).toMatchObject([
    [
      [
        '16384',
        [
          [1, 'a'],
          [2, null],
        ],
        [1, -1],
      ],
      ['16400', [], []],
    ],
  ]);
  expect(await writeUnwrittenRows(first, embeddedLog)).toBe(true);
  expect(await recordsOf(embeddedLog)).toEqual(written);
  expect(await writeUnwrittenRows(first.with([rowsWrittenEntry]), embeddedLog)).toBe(false);
});

test('too many rows for the catalog, and rows over others that are not written, are refused', () => {
  expect(() => unwrittenRowsEntry(marked(changes('a'.repeat(13 * 1024 * 1024)), 16400), CatalogSnapshot.ofSystem([]), 0)).toThrow(
    expect.objectContaining({ code: SqlState.programLimitExceeded }),
  );
  const pending = read(unwrittenRowsEntry(marked(changes('a'), 16400), CatalogSnapshot.ofSystem([]), 0));
  expect(() => unwrittenRowsEntry(marked(changes('a'), 16401), pending, 0)).toThrow(expect.objectContaining({ code: SqlState.ioError }));
});
