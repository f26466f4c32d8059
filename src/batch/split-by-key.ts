import type { Batch } from './batch.ts';
import type { Column } from './column.ts';
import { gatherBatch } from './gather.ts';
import { hashRows } from './hash-rows.ts';
import { rowsByTarget, subtasksOfHashes } from './key-group.ts';

/** How many subtasks share how many key groups. */
export interface KeyDistribution {
  readonly parallelism: number;
  readonly maxParallelism: number;
}

/**
 * The rows each subtask owns by their key, in their old order; null where there are none, and the batch itself where all of them are. `keys` are
 * columns of `batch` in canonical form (keyColumns). The twin of KeySplitter's kernels.
 */
export function splitByKey(batch: Batch, keys: readonly Column[], distribution: KeyDistribution): (Batch | null)[] {
  const { rowCount } = batch;
  const hashes = new Uint32Array(rowCount);
  const targets = new Int32Array(rowCount);
  hashRows(keys, rowCount, hashes);
  subtasksOfHashes(hashes, rowCount, distribution, targets);
  const { rows, offsets } = rowsByTarget(targets, rowCount, distribution.parallelism);
  return Array.from({ length: distribution.parallelism }, (_, target) => {
    const start = offsets[target]!;
    const count = offsets[target + 1]! - start;
    if (count === 0) return null;
    return count === rowCount ? batch : gatherBatch(batch, rows.subarray(start, start + count), count);
  });
}
