import { Batch, type Column, gatherBatch } from '../../batch/index.ts';
import type { SqlType } from '../../types/index.ts';
import { nullColumns } from '../hash-join/shown-rows.ts';

/** In place of the slot of a right row: there is none. */
export const NO_MATCH = -1;

interface RightSide {
  readonly types: readonly SqlType[];
  columnsOf(slots: Int32Array): Column[];
}

/** Left rows with the right rows at some slots as joined rows; those without a match have NULLs there (left join) or are left out. */
export function joinedRows(left: Batch, slots: readonly number[], right: RightSide, joinType: 'inner' | 'left'): Batch[] {
  const joined: Batch[] = [];
  const matched = rowsWhere(slots, (slot) => slot !== NO_MATCH);
  if (matched.length > 0) {
    const rows = matched.length === left.rowCount ? left : gatherBatch(left, matched, matched.length);
    const others = right.columnsOf(matched.map((row) => slots[row]!));
    joined.push(new Batch(rows.rowCount, [...rows.columns, ...others], rows.weights));
  }
  if (joinType === 'inner' || matched.length === left.rowCount) return joined;
  const alone = rowsWhere(slots, (slot) => slot === NO_MATCH);
  const rows = gatherBatch(left, alone, alone.length);
  joined.push(new Batch(rows.rowCount, [...rows.columns, ...nullColumns(right.types, rows.rowCount)], rows.weights));
  return joined;
}

function rowsWhere(slots: readonly number[], test: (slot: number) => boolean): Int32Array {
  const rows = new Int32Array(slots.length);
  let count = 0;
  for (let row = 0; row < slots.length; row++) if (test(slots[row]!)) rows[count++] = row;
  return rows.slice(0, count);
}
