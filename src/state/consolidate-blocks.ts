import { assert } from '../base/index.ts';
import { type Batch, type Column, concatBatches, decodeBatch, encodeBatch, gatherBatch, isNull, keyColumns } from '../batch/index.ts';
import type { StateBlock } from './state-store.ts';

/**
 * Several blocks of one table and key group, oldest first, as one that only puts rows: the newest row of every key that is not deleted.
 * Within a block deletions come before upserts. The key is the columns the deletions have.
 */
export function consolidateBlocks(blocks: readonly StateBlock[]): StateBlock {
  const newest = blocks[blocks.length - 1];
  assert(newest !== undefined, 'no blocks to consolidate');
  if (blocks.length === 1 && newest.deleteCount === 0) return newest;
  const seen = new Set<string>();
  const kept: Batch[] = [];
  for (let index = blocks.length - 1; index >= 0; index--) {
    const upserts = decodeBatch(blocks[index]!.upserts);
    const deletes = decodeBatch(blocks[index]!.deletes);
    kept.push(unseenRows(upserts, deletes.columns.length, seen));
    for (const key of rowKeys(deletes, deletes.columns.length)) seen.add(key);
  }
  const rows = concatBatches(kept.reverse());
  return { ...newest, upserts: encodeBatch(rows), upsertCount: rows.rowCount, deletes: emptyLike(newest.deletes), deleteCount: 0 };
}

function unseenRows(rows: Batch, keyCount: number, seen: Set<string>): Batch {
  const keys = rowKeys(rows, keyCount);
  const selection = new Int32Array(rows.rowCount);
  let count = 0;
  for (let row = 0; row < rows.rowCount; row++) {
    if (seen.has(keys[row]!)) continue;
    seen.add(keys[row]!);
    selection[count++] = row;
  }
  return count === rows.rowCount ? rows : gatherBatch(rows, selection, count);
}

/** The first `keyCount` columns of every row as a text that is equal for equal values and for no others. */
export function rowKeys(rows: Batch, keyCount: number): string[] {
  const indices = Array.from({ length: keyCount }, (_, index) => index);
  const columns = keyColumns(rows, indices);
  const keys: string[] = new Array(rows.rowCount);
  for (let row = 0; row < rows.rowCount; row++) {
    let key = '';
    for (const column of columns) key += `${keyPart(column, row)},`;
    keys[row] = key;
  }
  return keys;
}

/** Text with its length in front, so that no two lists of values give one key. */
function keyPart(column: Column, row: number): string {
  if (isNull(column, row)) return 'n';
  if (column.storage !== 'bytes') return `${column.i32[2 * row]}:${column.i32[2 * row + 1]}`;
  const bytes = column.data.subarray(column.starts[row]!, column.ends[row]!);
  let text = `${bytes.length}|`;
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** No rows, of the same columns. */
export function emptyLike(encoded: Uint8Array): Uint8Array {
  return encodeBatch(gatherBatch(decodeBatch(encoded), new Int32Array(0), 0));
}
