import type { BytesColumn, Column, FixedColumn } from './column.ts';

/** A fixed order of rows by their stored form, NULL last: integers and floats by value, everything else by bytes. */
export function compareRows(columns: readonly Column[], left: number, right: number): number {
  for (const column of columns) {
    const order = compareStored(column, left, column, right);
    if (order !== 0) return order;
  }
  return 0;
}

/** From so many rows on packing them pays. */
const PACKED_ROWS_MIN = 64;
/** Up to here the quotient of a packed number and the number of rows rounds down to what was packed. */
const PACKED_MAX = 2 ** 51;

/**
 * Sorts row numbers by compareRows. Most comparisons are decided by a double made of the first column, which keeps the order but
 * may make different values equal (bytes beyond the sixth, integers beyond 2^53, NaN and NULL).
 */
export function sortRows(columns: readonly Column[], rows: Int32Array): Int32Array {
  const first = columns[0];
  if (first === undefined) return rows;
  let end = 0;
  for (let at = 0; at < rows.length; at++) end = Math.max(end, rows[at]! + 1);
  const leading = new Float64Array(end);
  for (let row = 0; row < end; row++) leading[row] = leadingNumber(first, row);
  if (first.storage === 'int' && rows.length >= PACKED_ROWS_MIN && sortPacked(leading, rows)) {
    sortEqual(columns, leading, rows);
    return rows;
  }
  return rows.sort((left, right) => {
    const a = leading[left]!;
    const b = leading[right]!;
    return a < b ? -1 : a > b ? 1 : compareRows(columns, left, right);
  });
}

/** Sorts by integers alone, each packed into a double together with its row, which needs no calls of a comparison. False: they do not fit. */
function sortPacked(leading: Float64Array, rows: Int32Array): boolean {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < rows.length; at++) {
    least = Math.min(least, leading[rows[at]!]!);
    most = Math.max(most, leading[rows[at]!]!);
  }
  const size = leading.length;
  // Where all are NULL the difference is no number, and not more than anything.
  if (!((most - least + 1) * size <= PACKED_MAX)) return false;
  const packed = new Float64Array(rows.length);
  for (let at = 0; at < rows.length; at++) packed[at] = (leading[rows[at]!]! - least) * size + rows[at]!;
  packed.sort();
  for (let at = 0; at < rows.length; at++) rows[at] = packed[at]! - Math.floor(packed[at]! / size) * size;
  return true;
}

/** Sorts the runs of equal leading numbers. */
function sortEqual(columns: readonly Column[], leading: Float64Array, rows: Int32Array): void {
  for (let from = 0, to = 0; from < rows.length; from = to) {
    for (to = from + 1; to < rows.length && leading[rows[to]!] === leading[rows[from]!]; ) to++;
    if (to - from > 1) rows.subarray(from, to).sort((left, right) => compareRows(columns, left, right));
  }
}

function leadingNumber(column: Column, row: number): number {
  if (column.valid !== null && column.valid[row] === 0) return Number.POSITIVE_INFINITY;
  if (column.storage !== 'bytes') {
    if (column.storage === 'int') return column.i32[2 * row + 1]! * 4294967296 + (column.i32[2 * row]! >>> 0);
    return Number.isNaN(column.f64[row]!) ? Number.POSITIVE_INFINITY : column.f64[row]!;
  }
  let value = 0;
  const start = column.starts[row]!;
  const end = column.ends[row]!;
  for (let at = start; at < start + 6; at++) value = value * 256 + (at < end ? column.data[at]! : 0);
  return value;
}

/** Compares row `left` of one column with row `right` of another of the same type, as compareRows does. */
export function compareStored(leftColumn: Column, left: number, rightColumn: Column, right: number): number {
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
    if (a === b) return Object.is(a, b) ? 0 : Object.is(a, -0) ? -1 : 1;
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
