import type { FixedColumn } from '../../batch/index.ts';

/** An event time, in microseconds; -Infinity for NULL. */
export function eventTimeOf(column: FixedColumn, row: number): number {
  if (column.valid !== null && column.valid[row] === 0) return Number.NEGATIVE_INFINITY;
  return column.i32[2 * row + 1]! * 4294967296 + (column.i32[2 * row]! >>> 0);
}
