// Hashes of fixed-width keys, the order of rows by the subtask that owns them, and gathering. The twins are ../../hash-rows.ts,
// ../../key-group.ts and ../../gather.ts.

// @ts-ignore: decorator
@inline
function mixed(hash: u32, block: u32): u32 {
  block *= 0xcc9e2d51;
  hash ^= rotl<u32>(block, 15) * 0x1b873593;
  return rotl<u32>(hash, 13) * 5 + 0xe6546b64;
}

/** murmur3 over the eight bytes of each key; `hashes` holds the seeds and then the results. */
export function hashWords(keys: usize, hashes: usize, rowCount: i32): void {
  const end = hashes + ((<usize>rowCount) << 2);
  for (; hashes < end; hashes += 4, keys += 8) {
    let hash = mixed(mixed(load<u32>(hashes), load<u32>(keys)), load<u32>(keys, 4)) ^ 8;
    hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
    hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
    store<u32>(hashes, hash ^ (hash >>> 16));
  }
}

/**
 * Replaces hashes by targets and lists the rows of target 0, then those of target 1 and so on, in their order. `targets` has the target of each
 * of `groupCount` key groups; `offsets` takes `targetCount + 1` entries, where each target's rows begin, and has room for as many more, scratch.
 */
export function rowsByHash(hashes: usize, rowCount: i32, targets: usize, groupCount: u32, rows: usize, offsets: usize, targetCount: i32): void {
  const next = offsets + ((<usize>targetCount + 1) << 2);
  memory.fill(offsets, 0, (<usize>targetCount + 1) << 2);
  // Usually a power of two: a division takes longer than all else here.
  const mask = (groupCount & (groupCount - 1)) === 0 ? groupCount - 1 : 0;
  const end = hashes + ((<usize>rowCount) << 2);
  for (let at = hashes; at < end; at += 4) {
    const hash = load<u32>(at);
    const target = load<u32>(targets + ((<usize>(mask !== 0 ? hash & mask : hash % groupCount)) << 2));
    store<u32>(at, target);
    const count = offsets + ((<usize>target) << 2);
    store<i32>(count, load<i32>(count, 4) + 1, 4);
  }
  for (let target = 0; target < targetCount; target++) {
    const at = offsets + ((<usize>target) << 2);
    store<i32>(at, load<i32>(at) + load<i32>(at, 4), 4);
    store<i32>(next + ((<usize>target) << 2), load<i32>(at));
  }
  for (let row = 0; row < rowCount; row++) {
    const at = next + ((<usize>load<u32>(hashes + ((<usize>row) << 2))) << 2);
    const place = load<i32>(at);
    store<i32>(at, place + 1);
    store<i32>(rows + ((<usize>place) << 2), row);
  }
}

/** Values of eight bytes of the listed rows. */
export function gather8(from: usize, rows: usize, count: i32, to: usize): void {
  const end = rows + ((<usize>count) << 2);
  for (; rows < end; rows += 4, to += 8) store<u64>(to, load<u64>(from + ((<usize>load<u32>(rows)) << 3)));
}

/** Values of four bytes of the listed rows. */
export function gather4(from: usize, rows: usize, count: i32, to: usize): void {
  const end = rows + ((<usize>count) << 2);
  for (; rows < end; rows += 4, to += 4) store<u32>(to, load<u32>(from + ((<usize>load<u32>(rows)) << 2)));
}

/** Single bytes of the listed rows; returns their sum. */
export function gather1(from: usize, rows: usize, count: i32, to: usize): i32 {
  const end = rows + ((<usize>count) << 2);
  let sum = 0;
  for (; rows < end; rows += 4, to++) {
    const byte = load<u8>(from + <usize>load<u32>(rows));
    store<u8>(to, byte);
    sum += byte;
  }
  return sum;
}
