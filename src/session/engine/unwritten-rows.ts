import { SqlError, SqlState } from '../../base/index.ts';
import { batchFromRows, encodeBatch } from '../../batch/index.ts';
import type { AttachmentValue, CatalogEntry, CatalogSnapshot } from '../../catalog/index.ts';
import type { EmbeddedLog, EmbeddedWrite } from '../../state/index.ts';
import type { PreparedChanges } from './table-store.ts';

/**
 * Rows that a transaction block commits together with definitions. The commit of the catalog is what decides, so it carries the rows; then they are written
 * to the embedded log, in one record with an empty write to a number that nothing else has, and the catalog lets go of them. A start that finds them
 * in the catalog writes them unless the log has that record.
 */
const DATABASE_OID = 0;
const KEY = 'unwritten rows';
/** The catalog's log is read whole at every start. */
const KEPT_BYTES_MAX = 16 * 1024 * 1024;

/** What the rows of one block look like in the catalog. */
type KeptRows = {
  readonly marker: string;
  /** The log's last position before them. */
  readonly after: number;
  readonly writes: readonly { readonly relation: string; readonly rows: number; readonly batch: string }[];
};

/** The changes with the write that tells their record from others. */
export function marked(changes: PreparedChanges, marker: number): PreparedChanges {
  return { ...changes, writes: [...changes.writes, { relation: String(marker), batch: batchFromRows([], []) }] };
}

/** The rows of marked changes, for the catalog; `after`: the log's last position. Errors: 54000, 58030 while rows of an earlier block are not written. */
export function unwrittenRowsEntry({ writes }: PreparedChanges, catalog: CatalogSnapshot, after: number): CatalogEntry {
  if (catalog.attachment(DATABASE_OID, KEY) !== null)
    throw new SqlError({ code: SqlState.ioError, message: 'rows of an earlier transaction are not written yet', hint: 'Start the server again.' });
  const kept = writes.map(({ relation, batch }) => {
    const bytes = encodeBatch(batch);
    return { relation, rows: batch.rowCount, batch: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') };
  });
  if (kept.reduce((sum, { batch }) => sum + batch.length, 0) > KEPT_BYTES_MAX)
    throw new SqlError({
      code: SqlState.programLimitExceeded,
      message: 'too many rows for tables that were there before, in a transaction that also defines something',
      hint: 'Write them in a transaction of their own. Rows of tables that the transaction has made have no limit.',
    });
  const value: KeptRows = { marker: writes.at(-1)!.relation, after, writes: kept };
  return { kind: 'attach', oid: DATABASE_OID, key: KEY, value };
}

export const rowsWrittenEntry: CatalogEntry = { kind: 'attach', oid: DATABASE_OID, key: KEY, value: null };

/** Writes what a server that ended in the middle of a COMMIT has not. True when there was something to see to; the caller then lets the catalog know. */
export async function writeUnwrittenRows(catalog: CatalogSnapshot, log: EmbeddedLog): Promise<boolean> {
  const value: AttachmentValue = catalog.attachment(DATABASE_OID, KEY);
  if (value === null) return false;
  const { marker, after, writes } = value as KeptRows;
  for await (const record of log.read(after)) if (record.writes.some(({ relation }) => relation === marker)) return true;
  await log.append(
    writes.map(({ relation, rows, batch }): EmbeddedWrite => ({ relation, rows, batch: new Uint8Array(Buffer.from(batch, 'base64')) })),
  );
  return true;
}
