/** Key group of a row hash. State and routing share it, so a row arrives where the state of its key is. */
export function keyGroupOf(hash: number, maxParallelism: number): number {
  return (hash >>> 0) % maxParallelism;
}

/** Inclusive range of key groups subtask `subtask` of `parallelism` owns. */
export function keyGroupRange(subtask: number, parallelism: number, maxParallelism: number): { first: number; last: number } {
  return {
    first: Math.ceil((subtask * maxParallelism) / parallelism),
    last: Math.floor(((subtask + 1) * maxParallelism - 1) / parallelism),
  };
}

export function subtaskOfKeyGroup(keyGroup: number, parallelism: number, maxParallelism: number): number {
  return Math.floor((keyGroup * parallelism) / maxParallelism);
}

/** Subtask of each row; `targets` needs room for `rowCount` entries. */
export function subtasksOfHashes(
  hashes: Uint32Array,
  rowCount: number,
  distribution: { readonly parallelism: number; readonly maxParallelism: number },
  targets: Int32Array,
): void {
  const { parallelism, maxParallelism } = distribution;
  for (let row = 0; row < rowCount; row++) targets[row] = Math.floor(((hashes[row]! % maxParallelism) * parallelism) / maxParallelism);
}

/** Rows grouped by target, in order within one: target t has the rows `rows[offsets[t], offsets[t + 1])`. */
export function rowsByTarget(targets: Int32Array, rowCount: number, targetCount: number): { rows: Int32Array; offsets: Int32Array } {
  const offsets = new Int32Array(targetCount + 1);
  for (let row = 0; row < rowCount; row++) offsets[targets[row]! + 1]!++;
  for (let target = 0; target < targetCount; target++) offsets[target + 1]! += offsets[target]!;
  const next = offsets.slice();
  const rows = new Int32Array(rowCount);
  for (let row = 0; row < rowCount; row++) rows[next[targets[row]!]!++] = row;
  return { rows, offsets };
}
