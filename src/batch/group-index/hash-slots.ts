import type { GroupIds } from './group-ids.ts';
import { growInt32 } from './grow-array.ts';
import { INITIAL_SLOTS, MOVES_PER_ROW, slotsFor } from './key-table.ts';

/**
 * Open addressing over (hash, group + 1) pairs for keys that lie elsewhere. Grows as IntKeyTable does: a second table, moved
 * to little by little; the owner probes `entries` and, when that misses, `old`.
 */
export class HashSlots {
  readonly #ids: GroupIds;
  /** Two words a slot: hash, group + 1 (0 = empty). */
  entries = new Int32Array(INITIAL_SLOTS * 2);
  old: Int32Array | null = null;
  /** A live group that has no slot (the NULL key), or -1. */
  skipGroup = -1;
  #hashes = new Int32Array(256);
  #moved = 0;
  #moveEnd = 0;

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
      if (this.old !== null) this.#move(this.#moveEnd);
      this.old = this.entries;
      this.entries = new Int32Array(words);
      this.#moved = 0;
      this.#moveEnd = this.#ids.end;
    }
    if (this.old !== null) this.#move(rows * MOVES_PER_ROW);
  }

  add(group: number, hash: number): void {
    if (group >= this.#hashes.length) this.#hashes = growInt32(this.#hashes, group + 1);
    this.#hashes[group] = hash;
    this.#insert(group, hash);
  }

  remove(group: number): void {
    removeGroup(this.entries, group, this.#hashes[group]!);
    if (this.old !== null) removeGroup(this.old, group, this.#hashes[group]!);
  }

  #insert(group: number, hash: number): void {
    const at = findGroup(this.entries, group, hash);
    this.entries[at] = hash;
    this.entries[at + 1] = group + 1;
  }

  #move(groups: number): void {
    const end = Math.min(this.#moveEnd, this.#moved + groups);
    for (let group = this.#moved; group < end; group++) {
      if (group !== this.skipGroup && this.#ids.isLive(group)) this.#insert(group, this.#hashes[group]!);
    }
    this.#moved = end;
    if (end === this.#moveEnd) this.old = null;
  }
}

/** The slot of the group, or the empty slot where it would go. */
function findGroup(entries: Int32Array, group: number, hash: number): number {
  const wrap = entries.length - 1;
  let at = (hash << 1) & wrap;
  while (entries[at + 1] !== 0 && entries[at + 1] !== group + 1) at = (at + 2) & wrap;
  return at;
}

function removeGroup(entries: Int32Array, group: number, hash: number): void {
  const wrap = entries.length - 1;
  let hole = findGroup(entries, group, hash);
  if (entries[hole + 1] === 0) return;
  let at = (hole + 2) & wrap;
  while (entries[at + 1] !== 0) {
    const home = (entries[at]! << 1) & wrap;
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
