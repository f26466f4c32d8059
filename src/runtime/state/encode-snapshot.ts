import { type Batch, encodeBatch, gatherBatch, hashRows, keyColumns, keyGroupOf, rowsByTarget } from '../../batch/index.ts';
import type { StateBlock } from '../../state/index.ts';
import type { StateSnapshot, TableSnapshot } from './task-state.ts';

/** The blocks of a snapshot: rows grouped by key group and encoded. */
export function encodeSnapshot(snapshot: StateSnapshot, maxParallelism: number): StateBlock[] {
  const blocks: StateBlock[] = [];
  for (const table of snapshot.tables) encodeTable(table, maxParallelism, blocks);
  return blocks;
}

/** Rows in order of their key groups: group g has `rows[offsets[g], offsets[g + 1])`. */
interface GroupedRows {
  readonly rows: Int32Array;
  readonly offsets: Int32Array;
}

/** Key group of each row; all 0 for a table that belongs to subtask 0 as a whole. */
function keyGroupsOfRows(rows: Batch, partitionKeyCount: number, maxParallelism: number): Int32Array {
  const groups = new Int32Array(rows.rowCount);
  if (partitionKeyCount === 0) return groups;
  const hashes = new Uint32Array(rows.rowCount);
  const keys = Array.from({ length: partitionKeyCount }, (_, index) => index);
  hashRows(keyColumns(rows, keys), rows.rowCount, hashes);
  for (let row = 0; row < rows.rowCount; row++) groups[row] = keyGroupOf(hashes[row]!, maxParallelism);
  return groups;
}

function encodeTable(table: TableSnapshot, maxParallelism: number, blocks: StateBlock[]): void {
  const { declaration, upserts, deletes } = table;
  const grouped = (rows: Batch): GroupedRows =>
    rowsByTarget(keyGroupsOfRows(rows, declaration.partitionKeyCount, maxParallelism), rows.rowCount, maxParallelism);
  const put = grouped(upserts);
  const removed = grouped(deletes);
  for (let keyGroup = 0; keyGroup < maxParallelism; keyGroup++) {
    const putRows = rowsOfGroup(put, keyGroup);
    const removedRows = rowsOfGroup(removed, keyGroup);
    if (putRows.length === 0 && removedRows.length === 0) continue;
    blocks.push({
      operatorId: table.operatorId,
      table: declaration.name,
      keyGroup,
      upserts: encodeBatch(gatherBatch(upserts, putRows, putRows.length)),
      deletes: encodeBatch(gatherBatch(deletes, removedRows, removedRows.length)),
      upsertCount: putRows.length,
      deleteCount: removedRows.length,
    });
  }
}

function rowsOfGroup({ rows, offsets }: GroupedRows, keyGroup: number): Int32Array {
  return rows.subarray(offsets[keyGroup]!, offsets[keyGroup + 1]!);
}
