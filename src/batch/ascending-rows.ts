let rows = new Int32Array(0);

/** The rows 0 to count - 1. Shared by all who ask, so nobody may write to it. */
export function ascendingRows(count: number): Int32Array {
  if (rows.length < count) rows = Int32Array.from({ length: Math.max(4096, count) }, (_, row) => row);
  return rows.subarray(0, count);
}
