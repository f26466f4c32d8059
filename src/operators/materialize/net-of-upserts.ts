import { Batch, concatBatches, gatherBatch } from '../../batch/index.ts';

/** The rows there are, by the number of their key. */
export interface RowsByKey {
  isPresent(group: number): boolean;
  /** True when the row of a key that is present is that one, byte for byte. */
  isEqual(group: number, rows: Batch, row: number): boolean;
  /** The rows of keys that are present; null for none. */
  rowsOf(groups: Int32Array): Batch | null;
}

export interface UpsertNet {
  readonly delta: Batch;
  /** Keys to take away that were not there. */
  readonly unknown: readonly number[];
}

/** What changes by key, in order of arrival, amount to against the rows there are. `groups` has the number of each row's key. */
export function netOfUpserts(rows: Batch, groups: Int32Array, there: RowsByKey): UpsertNet {
  const newest = new Map<number, number>();
  for (let row = 0; row < rows.rowCount; row++) newest.set(groups[row]!, row);
  const replaced: number[] = [];
  const put: number[] = [];
  const unknown: number[] = [];
  for (const [group, row] of newest) {
    const gone = rows.weights !== null && rows.weights[row]! < 0;
    const present = there.isPresent(group);
    if (present && (gone || !there.isEqual(group, rows, row))) replaced.push(group);
    else if (present) continue;
    if (!gone) put.push(row);
    else if (!present) unknown.push(group);
  }
  const old = there.rowsOf(Int32Array.from(replaced));
  const added = gatherBatch(new Batch(rows.rowCount, rows.columns), Int32Array.from(put), put.length);
  if (old === null) return { delta: added, unknown };
  const weights = new Int32Array(replaced.length + put.length).fill(1);
  weights.fill(-1, 0, replaced.length);
  const { rowCount, columns } = concatBatches([old, added]);
  return { delta: new Batch(rowCount, columns, weights), unknown };
}
