import { type FixedColumn, int64Number } from '../../batch/index.ts';

/** An event time, in microseconds; -Infinity for NULL. */
export function eventTimeOf(column: FixedColumn, row: number): number {
  if (column.valid !== null && column.valid[row] === 0) return Number.NEGATIVE_INFINITY;
  return int64Number(column, row);
}
