import type { BytesColumn, Column, FixedColumn } from '../../batch/index.ts';

/** A fixed order of rows by their stored form, NULL last: integers and floats by value, everything else by bytes. */
export function compareRows(columns: readonly Column[], left: number, right: number): number {
  for (const column of columns) {
    const order = compareStored(column, left, column, right);
    if (order !== 0) return order;
  }
  return 0;
}

/** Compares row `left` of one column with row `right` of another of the same type. */
function compareStored(leftColumn: Column, left: number, rightColumn: Column, right: number): number {
  const leftPresent = leftColumn.valid === null || leftColumn.valid[left] === 1;
  const rightPresent = rightColumn.valid === null || rightColumn.valid[right] === 1;
  if (!leftPresent || !rightPresent) return leftPresent === rightPresent ? 0 : leftPresent ? -1 : 1;
  if (leftColumn.storage === 'bytes') return compareBytesAt(leftColumn, left, rightColumn as BytesColumn, right);
  return compareSlots(leftColumn, left, rightColumn as FixedColumn, right);
}

function compareSlots(leftColumn: FixedColumn, left: number, rightColumn: FixedColumn, right: number): number {
  if (leftColumn.storage === 'float') {
    const a = leftColumn.f64[left]!;
    const b = rightColumn.f64[right]!;
    if (a < b) return -1;
    if (a > b) return 1;
    if (a === b) return 0;
    // NaN is above everything, as in PostgreSQL.
    return Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : -1;
  }
  const high = leftColumn.i32[2 * left + 1]! - rightColumn.i32[2 * right + 1]!;
  return high !== 0 ? high : (leftColumn.i32[2 * left]! >>> 0) - (rightColumn.i32[2 * right]! >>> 0);
}

function compareBytesAt(leftColumn: BytesColumn, left: number, rightColumn: BytesColumn, right: number): number {
  const a = leftColumn.data;
  const b = rightColumn.data;
  const aStart = leftColumn.starts[left]!;
  const bStart = rightColumn.starts[right]!;
  const aLength = leftColumn.ends[left]! - aStart;
  const bLength = rightColumn.ends[right]! - bStart;
  const shared = Math.min(aLength, bLength);
  for (let at = 0; at < shared; at++) {
    const difference = a[aStart + at]! - b[bStart + at]!;
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}
