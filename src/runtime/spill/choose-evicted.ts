import type { Buckets } from './buckets.ts';

/**
 * Buckets that are to leave memory, so that about `rowsKept` of the rows stay: those whose rows came last longest ago. `rowsByBucket` counts the rows in
 * memory.
 */
export function chooseEvicted({ touchedIn }: Buckets, rowsByBucket: Int32Array, rowsKept: number): Uint8Array {
  const evicted = new Uint8Array(rowsByBucket.length);
  const resident: number[] = [];
  let rows = 0;
  for (let bucket = 0; bucket < rowsByBucket.length; bucket++) {
    if (rowsByBucket[bucket] === 0) continue;
    resident.push(bucket);
    rows += rowsByBucket[bucket]!;
  }
  resident.sort((left, right) => touchedIn[left]! - touchedIn[right]! || left - right);
  for (const bucket of resident) {
    if (rows <= rowsKept) break;
    rows -= rowsByBucket[bucket]!;
    evicted[bucket] = 1;
  }
  return evicted;
}
