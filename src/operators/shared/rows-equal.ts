import type { Column } from '../../batch/index.ts';

/** True when row `left` of some columns and row `right` of columns of the same types hold the same bytes. */
export function rowsEqual(leftColumns: readonly Column[], left: number, rightColumns: readonly Column[], right: number): boolean {
  for (let index = 0; index < leftColumns.length; index++) {
    if (!valuesEqual(leftColumns[index]!, left, rightColumns[index]!, right)) return false;
  }
  return true;
}

function valuesEqual(leftColumn: Column, left: number, rightColumn: Column, right: number): boolean {
  const leftPresent = leftColumn.valid === null || leftColumn.valid[left] === 1;
  const rightPresent = rightColumn.valid === null || rightColumn.valid[right] === 1;
  if (!leftPresent || !rightPresent) return leftPresent === rightPresent;
  if (leftColumn.storage !== 'bytes' && rightColumn.storage !== 'bytes') {
    const a = leftColumn.i32;
    const b = rightColumn.i32;
    return a[2 * left] === b[2 * right] && a[2 * left + 1] === b[2 * right + 1];
  }
  if (leftColumn.storage !== 'bytes' || rightColumn.storage !== 'bytes') return false;
  const start = leftColumn.starts[left]!;
  const length = leftColumn.ends[left]! - start;
  const otherStart = rightColumn.starts[right]!;
  if (rightColumn.ends[right]! - otherStart !== length) return false;
  const a = leftColumn.data;
  const b = rightColumn.data;
  for (let at = 0; at < length; at++) {
    if (a[start + at] !== b[otherStart + at]) return false;
  }
  return true;
}
