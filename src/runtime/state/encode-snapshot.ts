import { type Batch, encodeBatch, gatherBatch, hashRows, keyColumns, keyGroupOf } from '../../batch/index.ts';
import type { StateBlock } from '../../state/index.ts';
import type { StateSnapshot, TableSnapshot } from './task-state.ts';

/** The blocks of a snapshot: rows grouped by key group and encoded. */
export function encodeSnapshot(snapshot: StateSnapshot, maxParallelism: number): StateBlock[] {
  const blocks: StateBlock[] = [];
  for (const table of snapshot.tables) encodeTable(table, maxParallelism, blocks);
  return blocks;
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
  const upsertRows = rowsByKeyGroup(upserts, declaration.partitionKeyCount, maxParallelism);
  const deleteRows = rowsByKeyGroup(deletes, declaration.partitionKeyCount, maxParallelism);
  const groups = new Set([...upsertRows.keys(), ...deleteRows.keys()]);
  for (const keyGroup of [...groups].sort((left, right) => left - right)) {
    const put = upsertRows.get(keyGroup) ?? [];
    const removed = deleteRows.get(keyGroup) ?? [];
    blocks.push({
      operatorId: table.operatorId,
      table: declaration.name,
      keyGroup,
      upserts: encodeBatch(gatherBatch(upserts, Int32Array.from(put), put.length)),
      deletes: encodeBatch(gatherBatch(deletes, Int32Array.from(removed), removed.length)),
      upsertCount: put.length,
      deleteCount: removed.length,
    });
  }
}

function rowsByKeyGroup(rows: Batch, partitionKeyCount: number, maxParallelism: number): Map<number, number[]> {
  const groups = keyGroupsOfRows(rows, partitionKeyCount, maxParallelism);
  const byGroup = new Map<number, number[]>();
  for (let row = 0; row < groups.length; row++) {
    const list = byGroup.get(groups[row]!);
    if (list === undefined) byGroup.set(groups[row]!, [row]);
    else list.push(row);
  }
  return byGroup;
}
