import type { GroupIds } from './group-ids.ts';
import { growInt32 } from './grow-array.ts';
import { INITIAL_SLOTS, MOVED_SLOTS_PER_ROW, REMOVED, shiftFor, slotsFor } from './key-table.ts';

/**
 * Open addressing over (hash, group + 1) pairs for keys that lie elsewhere. Grows as IntKeyTable does: a second table, moved
 * to little by little; the owner probes `entries` and, when that misses, `old`.
 */
export class HashSlots {
  readonly #ids: GroupIds;
  /** Two words a slot: hash, group + 1 (0 = empty; in `old` also REMOVED). The home of a hash is `homeOf`. */
  entries = new Int32Array(INITIAL_SLOTS * 2);
  old: Int32Array | null = null;
  #hashes = new Int32Array(256);
  /** As IntKeyTable's. */
  #moved = 0;

  constructor(ids: GroupIds) {
    this.#ids = ids;
  }

  get sizeBytes(): number {
    return this.entries.byteLength + (this.old?.byteLength ?? 0) + this.#hashes.byteLength;
  }

  /** Makes room for `rows` more keys and moves some of the old ones. */
  prepare(rows: number): void {
    const words = slotsFor(this.#ids.liveCount + rows, this.entries.length / 2) * 2;
    if (words > this.entries.length) {
      // A large batch may come while the last move is still going on.
      if (this.old !== null) this.#move(this.old, this.old.length);
      this.old = this.entries;
      this.entries = new Int32Array(words);
      this.#moved = 0;
    }
    if (this.old !== null) this.#move(this.old, rows * MOVED_SLOTS_PER_ROW * 2);
  }

  /** The old table, where it may hold a key with this hash; null when all such keys have been moved. */
  oldFor(hash: number): Int32Array | null {
    return this.old === null || homeOf(this.old, hash) < this.#moved ? null : this.old;
  }

  clear(): void {
    this.entries.fill(0);
    this.old = null;
  }

  add(group: number, hash: number): void {
    if (group >= this.#hashes.length) this.#hashes = growInt32(this.#hashes, group + 1);
    this.#hashes[group] = hash;
    const at = findGroup(this.entries, group, hash);
    this.entries[at] = hash;
    this.entries[at + 1] = group + 1;
  }

  remove(group: number): void {
    removeGroup(this.entries, group, this.#hashes[group]!);
    if (this.old !== null) forgetGroup(this.old, group, this.#hashes[group]!);
  }

  #move(old: Int32Array, words: number): void {
    const entries = this.entries;
    const wrap = entries.length - 1;
    const wanted = this.#moved + words;
    let from = this.#moved;
    for (; from < old.length && (from < wanted || old[from - 1] !== 0); from += 2) {
      const id = old[from + 1]!;
      if (id === 0 || id === REMOVED) continue;
      let at = homeOf(entries, old[from]!);
      while (entries[at + 1] !== 0) at = (at + 2) & wrap;
      entries[at] = old[from]!;
      entries[at + 1] = id;
    }
    this.#moved = from;
    if (from === old.length) this.old = null;
  }
}

/** First word of the slot a hash would like. */
export function homeOf(entries: Int32Array, hash: number): number {
  return (hash >>> shiftFor(entries.length / 2)) * 2;
}

/** The slot of the group, or the empty slot where it would go. */
function findGroup(entries: Int32Array, group: number, hash: number): number {
  const wrap = entries.length - 1;
  let at = homeOf(entries, hash);
  while (entries[at + 1] !== 0 && entries[at + 1] !== group + 1) at = (at + 2) & wrap;
  return at;
}

/** Removes from a table that is being moved out of: its slots stay where they are, as the move goes through them. */
function forgetGroup(old: Int32Array, group: number, hash: number): void {
  const at = findGroup(old, group, hash);
  if (old[at + 1] !== 0) old[at + 1] = REMOVED;
}

function removeGroup(entries: Int32Array, group: number, hash: number): void {
  const wrap = entries.length - 1;
  let hole = findGroup(entries, group, hash);
  if (entries[hole + 1] === 0) return;
  let at = (hole + 2) & wrap;
  while (entries[at + 1] !== 0) {
    const home = homeOf(entries, entries[at]!);
    if (((at - home) & wrap) >= ((at - hole) & wrap)) {
      entries[hole] = entries[at]!;
      entries[hole + 1] = entries[at + 1]!;
      hole = at;
    }
    at = (at + 2) & wrap;
  }
  entries[hole] = 0;
  entries[hole + 1] = 0;
}
