import { Batch, BytesColumn, type Column, decodeBatch, encodeBatch, FixedColumn, gatherBatch, sliceBatch } from '../../batch/index.ts';
import { consolidateBlocks, rowKeys } from '../consolidate-blocks.ts';
import type { StateBlock } from '../state-store.ts';

/** Rows of one block: what is read at once. */
const BLOCK_ROWS = 8_192;

/** Key columns that only keep equal rows apart; see StateTableDeclaration. */
export interface TieBreakers {
  readonly count: number;
  readonly kind: 'numbered' | 'summed';
}

/** Rows in the order of their keys without tie-breakers; `repeated` says of each how many equal keys came before it. */
interface SortedRows {
  readonly rows: Batch;
  readonly repeated: Float64Array;
}

/**
 * The rows of one table and key group as blocks that depend on nothing but what these rows say: sorted by key, tie-breakers taken out. Blocks come oldest first, as for
 * consolidateBlocks. Empty without rows.
 */
export function canonicalBlocks(blocks: readonly StateBlock[], tieBreakers: TieBreakers | null): StateBlock[] {
  if (blocks.length === 0) return [];
  const merged = consolidateBlocks(blocks);
  const keyCount = decodeBatch(merged.deletes).columns.length;
  const first = keyCount - (tieBreakers?.count ?? 0);
  const sorted = sortedRows(decodeBatch(merged.upserts), first);
  const rows = tieBreakers === null ? sorted.rows : { numbered, summed }[tieBreakers.kind](sorted, { first, end: keyCount });
  const result: StateBlock[] = [];
  for (let start = 0; start < rows.rowCount; start += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rows.rowCount - start);
    const upserts = encodeBatch(withoutNeedlessValidity(sliceBatch(rows, start, start + count)));
    result.push({ ...merged, upserts, upsertCount: count, deleteCount: 0 });
  }
  return result;
}

function sortedRows(rows: Batch, keyCount: number): SortedRows {
  const keys = rowKeys(rows, keyCount);
  const order = Int32Array.from(keys, (_, row) => row).sort((left, right) => (keys[left]! < keys[right]! ? -1 : keys[left]! > keys[right]! ? 1 : 0));
  const repeated = new Float64Array(order.length);
  for (let index = 1; index < order.length; index++) {
    if (keys[order[index]!] === keys[order[index - 1]!]) repeated[index] = repeated[index - 1]! + 1;
  }
  return { rows: gatherBatch(rows, order, rows.rowCount), repeated };
}

interface Range {
  readonly first: number;
  readonly end: number;
}

function numbered({ rows, repeated }: SortedRows, { first, end }: Range): Batch {
  const columns = rows.columns.map((column, index) => {
    if (index < first || index >= end) return column;
    return new FixedColumn(column.type, index === end - 1 ? repeated : new Float64Array(rows.rowCount), null);
  });
  return new Batch(rows.rowCount, columns);
}

/** A sum of 0 is no row. */
function summed({ rows, repeated }: SortedRows, { first, end }: Range): Batch {
  const width = rows.columns.length;
  const values = (rows.columns[width - 1] as FixedColumn).i64;
  const sums = new BigInt64Array(rows.rowCount);
  const kept: number[] = [];
  for (let row = 0; row < rows.rowCount; ) {
    const start = row;
    do sums[start]! += values[row++]!;
    while (row < rows.rowCount && repeated[row]! > 0);
    if (sums[start] !== 0n) kept.push(start);
  }
  const columns = rows.columns.map((column, index) => {
    if (index === width - 1) return new FixedColumn(column.type, new Float64Array(sums.buffer), null);
    return index < first || index >= end ? column : new FixedColumn(column.type, new Float64Array(rows.rowCount), null);
  });
  return gatherBatch(new Batch(rows.rowCount, columns), Int32Array.from(kept), kept.length);
}

/** Whether a column without NULLs says so row by row is chance. */
function withoutNeedlessValidity(rows: Batch): Batch {
  const plain = (column: Column): Column => {
    if (column.valid === null || !column.valid.subarray(0, rows.rowCount).every((valid) => valid === 1)) return column;
    if (column.storage !== 'bytes') return new FixedColumn(column.type, column.f64, null);
    return new BytesColumn(column.type, { data: column.data, starts: column.starts, ends: column.ends, valid: null });
  };
  return new Batch(rows.rowCount, rows.columns.map(plain));
}
