import type { FixedColumn } from './column.ts';

/** A 64-bit integer of a column as a number: exact up to 2^53, which a time in microseconds is until the year 2255. */
export function int64Number({ i32 }: FixedColumn, row: number): number {
  return i32[2 * row + 1]! * 4294967296 + (i32[2 * row]! >>> 0);
}
