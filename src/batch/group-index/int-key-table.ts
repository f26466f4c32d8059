import type { SqlType } from '../../types/index.ts';
import { type Column, FixedColumn } from '../column.ts';
import type { GroupIds } from './group-ids.ts';
import { growInt32 } from './grow-array.ts';
import { CHUNK_ROWS, INITIAL_SLOTS, type KeyTable, MOVED_SLOTS_PER_ROW, REMOVED, shiftFor, slotsFor } from './key-table.ts';

/** Words of a slot: low word, high word, group + 1 (0 = empty, REMOVED), unused. One cache line answers a probe. */
const SLOT_WORDS = 4;

/**
 * One fixed-width key column. Open addressing with the key inside the slot. Growth makes a table of twice the size and moves
 * a few slots with every chunk of rows; meanwhile a key missing in the new table is looked for in the part of the old one that has not been moved.
 */
export class IntKeyTable implements KeyTable {
  readonly #type: SqlType;
  readonly #ids: GroupIds;
  #slots = new Int32Array(INITIAL_SLOTS * SLOT_WORDS);
  #old: Int32Array | null = null;
  /** Words of the old table that have been moved; it ends behind an empty slot, so that no run of probing lies on both sides. */
  #moved = 0;
  #keys = new Int32Array(512);
  #nullGroup = -1;

  constructor(type: SqlType, ids: GroupIds) {
    this.#type = type;
    this.#ids = ids;
  }

  get sizeBytes(): number {
    return this.#slots.byteLength + (this.#old?.byteLength ?? 0) + this.#keys.byteLength;
  }

  assign(keys: readonly Column[], rowCount: number, out: Int32Array): number {
    const column = keys[0] as FixedColumn;
    const before = this.#ids.liveCount;
    for (let start = 0; start < rowCount; start += CHUNK_ROWS) {
      const end = Math.min(rowCount, start + CHUNK_ROWS);
      this.#prepare(end - start);
      this.#assignChunk(column, { start, end }, out);
    }
    return this.#ids.liveCount - before;
  }

  lookup(keys: readonly Column[], rowCount: number, out: Int32Array): void {
    const { i32, valid } = keys[0] as FixedColumn;
    for (let row = 0; row < rowCount; row++) {
      if (valid !== null && valid[row] === 0) out[row] = this.#nullGroup;
      else out[row] = this.#find(i32[2 * row]!, i32[2 * row + 1]!);
    }
  }

  remove(group: number): void {
    if (group === this.#nullGroup) {
      this.#nullGroup = -1;
      return;
    }
    const low = this.#keys[2 * group]!;
    const high = this.#keys[2 * group + 1]!;
    removeKey(this.#slots, low, high);
    if (this.#old !== null) forgetKey(this.#old, low, high);
  }

  clear(): void {
    this.#slots.fill(0);
    this.#old = null;
    this.#nullGroup = -1;
  }

  keysOf(groups: Int32Array, count: number): Column[] {
    const slots = new Float64Array(count);
    const words = new Int32Array(slots.buffer);
    const keys = this.#keys;
    const nullGroup = this.#nullGroup;
    let valid: Uint8Array | null = null;
    for (let index = 0; index < count; index++) {
      const group = groups[index]!;
      if (group === nullGroup) {
        valid ??= new Uint8Array(count).fill(1);
        valid[index] = 0;
        continue;
      }
      words[2 * index] = keys[2 * group]!;
      words[2 * index + 1] = keys[2 * group + 1]!;
    }
    return [new FixedColumn(this.#type, slots, valid)];
  }

  #assignChunk(column: FixedColumn, rows: { start: number; end: number }, out: Int32Array): void {
    const { i32, valid } = column;
    const slots = this.#slots;
    const wrap = slots.length - 1;
    const shift = shiftFor(slots.length / SLOT_WORDS);
    const { end } = rows;
    for (let row = rows.start; row < end; row++) {
      if (valid !== null && valid[row] === 0) {
        out[row] = this.#groupOfNull();
        continue;
      }
      const low = i32[2 * row]!;
      const high = i32[2 * row + 1]!;
      let at = (hashOf(low, high) >>> shift) * SLOT_WORDS;
      let id = slots[at + 2]!;
      while (id !== 0 && (slots[at] !== low || slots[at + 1] !== high)) {
        at = (at + SLOT_WORDS) & wrap;
        id = slots[at + 2]!;
      }
      out[row] = id !== 0 ? id - 1 : this.#addOrFindOld(low, high, at);
    }
  }

  /** The key is not in the new table; `at` is the empty slot where it belongs. */
  #addOrFindOld(low: number, high: number, at: number): number {
    const known = this.#findOld(low, high);
    if (known >= 0) return known;
    const group = this.#ids.allocate();
    if (2 * group + 1 >= this.#keys.length) this.#keys = growInt32(this.#keys, 2 * group + 2);
    this.#keys[2 * group] = low;
    this.#keys[2 * group + 1] = high;
    this.#slots[at] = low;
    this.#slots[at + 1] = high;
    this.#slots[at + 2] = group + 1;
    return group;
  }

  #groupOfNull(): number {
    if (this.#nullGroup < 0) this.#nullGroup = this.#ids.allocate();
    return this.#nullGroup;
  }

  #find(low: number, high: number): number {
    const id = this.#slots[findSlot(this.#slots, low, high) + 2]!;
    return id !== 0 ? id - 1 : this.#findOld(low, high);
  }

  /** The group of a key that is not in the new table, or -1. */
  #findOld(low: number, high: number): number {
    const old = this.#old;
    if (old === null || homeOf(old, low, high) < this.#moved) return -1;
    return old[findSlot(old, low, high) + 2]! - 1;
  }

  #prepare(rows: number): void {
    const words = slotsFor(this.#ids.liveCount + rows, this.#slots.length / SLOT_WORDS) * SLOT_WORDS;
    if (words > this.#slots.length) {
      // A large batch may come while the last move is still going on.
      if (this.#old !== null) this.#move(this.#old, this.#old.length);
      this.#old = this.#slots;
      this.#slots = new Int32Array(words);
      this.#moved = 0;
    }
    if (this.#old !== null) this.#move(this.#old, rows * MOVED_SLOTS_PER_ROW * SLOT_WORDS);
  }

  #move(old: Int32Array, words: number): void {
    const slots = this.#slots;
    const wrap = slots.length - 1;
    const shift = shiftFor(slots.length / SLOT_WORDS);
    const wanted = this.#moved + words;
    let from = this.#moved;
    for (; from < old.length && (from < wanted || old[from - SLOT_WORDS + 2] !== 0); from += SLOT_WORDS) {
      const id = old[from + 2]!;
      if (id === 0 || id === REMOVED) continue;
      const low = old[from]!;
      const high = old[from + 1]!;
      let at = (hashOf(low, high) >>> shift) * SLOT_WORDS;
      while (slots[at + 2] !== 0) at = (at + SLOT_WORDS) & wrap;
      slots[at] = low;
      slots[at + 1] = high;
      slots[at + 2] = id;
    }
    this.#moved = from;
    if (from === old.length) this.#old = null;
  }
}

function hashOf(low: number, high: number): number {
  let hash = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

/** First word of the slot the key would like. */
function homeOf(slots: Int32Array, low: number, high: number): number {
  return (hashOf(low, high) >>> shiftFor(slots.length / SLOT_WORDS)) * SLOT_WORDS;
}

/** The slot of the key, or the empty slot where it would go. */
function findSlot(slots: Int32Array, low: number, high: number): number {
  const wrap = slots.length - 1;
  let at = homeOf(slots, low, high);
  while (slots[at + 2] !== 0 && (slots[at] !== low || slots[at + 1] !== high || slots[at + 2] === REMOVED)) at = (at + SLOT_WORDS) & wrap;
  return at;
}

/** Removes from a table that is being moved out of: its slots stay where they are, as the move goes through them. */
function forgetKey(old: Int32Array, low: number, high: number): void {
  const at = findSlot(old, low, high);
  if (old[at + 2] !== 0) old[at + 2] = REMOVED;
}

/** Deletes by shifting later slots of the run back, so that no tombstones slow down probing. */
function removeKey(slots: Int32Array, low: number, high: number): void {
  const wrap = slots.length - 1;
  let hole = findSlot(slots, low, high);
  if (slots[hole + 2] === 0) return;
  let at = (hole + SLOT_WORDS) & wrap;
  while (slots[at + 2] !== 0) {
    const home = homeOf(slots, slots[at]!, slots[at + 1]!);
    if (((at - home) & wrap) >= ((at - hole) & wrap)) {
      slots.copyWithin(hole, at, at + SLOT_WORDS);
      hole = at;
    }
    at = (at + SLOT_WORDS) & wrap;
  }
  slots.fill(0, hole, hole + SLOT_WORDS);
}
