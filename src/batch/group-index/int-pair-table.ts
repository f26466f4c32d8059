import type { SqlType } from '../../types/index.ts';
import { type Column, FixedColumn } from '../column.ts';
import type { GroupIds } from './group-ids.ts';
import { growInt32 } from './grow-array.ts';
import { CHUNK_ROWS, INITIAL_SLOTS, type KeyTable, MOVED_SLOTS_PER_ROW, REMOVED, shiftFor, slotsFor } from './key-table.ts';

/** Words of a slot: both keys, then a bit for each NULL, then group + 1 (0 = empty, REMOVED), two unused: half a cache line. */
const SLOT_WORDS = 8;
/** Words of a key: all of the slot but the group. */
const KEY_WORDS = 5;
const NULLS = 4;
const GROUP = 5;

/** Two fixed-width key columns, the usual key of a windowed aggregate. As IntKeyTable, with wider slots. */
export class IntPairTable implements KeyTable {
  readonly #types: readonly SqlType[];
  readonly #ids: GroupIds;
  #slots = new Int32Array(INITIAL_SLOTS * SLOT_WORDS);
  #old: Int32Array | null = null;
  /** As IntKeyTable's. */
  #moved = 0;
  #keys = new Int32Array(256 * KEY_WORDS);
  /** The key looked for, as a slot has it. */
  readonly #key = new Int32Array(KEY_WORDS);

  constructor(types: readonly SqlType[], ids: GroupIds) {
    this.#types = types;
    this.#ids = ids;
  }

  get sizeBytes(): number {
    return this.#slots.byteLength + (this.#old?.byteLength ?? 0) + this.#keys.byteLength;
  }

  assign(keys: readonly Column[], rowCount: number, out: Int32Array): number {
    const before = this.#ids.liveCount;
    for (let start = 0; start < rowCount; start += CHUNK_ROWS) {
      const end = Math.min(rowCount, start + CHUNK_ROWS);
      this.#prepare(end - start);
      if (keys[0]!.valid === null && keys[1]!.valid === null) this.#assignPresent(keys as readonly FixedColumn[], { start, end }, out);
      else this.#assignAny(keys as readonly FixedColumn[], { start, end }, out);
    }
    return this.#ids.liveCount - before;
  }

  lookup(keys: readonly Column[], rowCount: number, out: Int32Array): void {
    for (let row = 0; row < rowCount; row++) {
      this.#readKey(keys as readonly FixedColumn[], row);
      const id = this.#slots[findSlot(this.#slots, this.#key, 0) + GROUP]!;
      out[row] = id !== 0 ? id - 1 : this.#findOld();
    }
  }

  remove(group: number): void {
    removeKey(this.#slots, this.#keys, group * KEY_WORDS);
    if (this.#old !== null) forgetKey(this.#old, this.#keys, group * KEY_WORDS);
  }

  clear(): void {
    this.#slots.fill(0);
    this.#old = null;
  }

  keysOf(groups: Int32Array, count: number): Column[] {
    const keys = this.#keys;
    return this.#types.map((type, index) => {
      const slots = new Float64Array(count);
      const words = new Int32Array(slots.buffer);
      let valid: Uint8Array | null = null;
      for (let at = 0; at < count; at++) {
        const base = groups[at]! * KEY_WORDS;
        words[2 * at] = keys[base + 2 * index]!;
        words[2 * at + 1] = keys[base + 2 * index + 1]!;
        if ((keys[base + NULLS]! & (1 << index)) !== 0) {
          valid ??= new Uint8Array(count).fill(1);
          valid[at] = 0;
        }
      }
      return new FixedColumn(type, slots, valid);
    });
  }

  #assignPresent(keys: readonly FixedColumn[], rows: { start: number; end: number }, out: Int32Array): void {
    const first = keys[0]!.i32;
    const second = keys[1]!.i32;
    const slots = this.#slots;
    const wrap = slots.length - 1;
    const shift = shiftFor(slots.length / SLOT_WORDS);
    const { end } = rows;
    for (let row = rows.start; row < end; row++) {
      const low = first[2 * row]!;
      const high = first[2 * row + 1]!;
      const low2 = second[2 * row]!;
      const high2 = second[2 * row + 1]!;
      let hash = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) ^ Math.imul(low2 ^ Math.imul(high2, 0xc2b2ae35), 0x27d4eb2f);
      hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
      let at = ((hash ^ (hash >>> 13)) >>> shift) * SLOT_WORDS;
      let id = slots[at + GROUP]!;
      while (
        id !== 0 &&
        (slots[at] !== low || slots[at + 1] !== high || slots[at + 2] !== low2 || slots[at + 3] !== high2 || slots[at + NULLS] !== 0)
      ) {
        at = (at + SLOT_WORDS) & wrap;
        id = slots[at + GROUP]!;
      }
      if (id === 0) {
        this.#readKey(keys, row);
        id = this.#addOrFindOld(at) + 1;
      }
      out[row] = id - 1;
    }
  }

  #assignAny(keys: readonly FixedColumn[], rows: { start: number; end: number }, out: Int32Array): void {
    for (let row = rows.start; row < rows.end; row++) {
      this.#readKey(keys, row);
      const at = findSlot(this.#slots, this.#key, 0);
      const id = this.#slots[at + GROUP]!;
      out[row] = id !== 0 ? id - 1 : this.#addOrFindOld(at);
    }
  }

  #readKey(keys: readonly FixedColumn[], row: number): void {
    const key = this.#key;
    key[NULLS] = 0;
    for (let index = 0; index < 2; index++) {
      const { i32, valid } = keys[index]!;
      const present = valid === null || valid[row] !== 0;
      key[2 * index] = present ? i32[2 * row]! : 0;
      key[2 * index + 1] = present ? i32[2 * row + 1]! : 0;
      if (!present) key[NULLS]! |= 1 << index;
    }
  }

  /** The key is not in the new table; `at` is the empty slot where it belongs. */
  #addOrFindOld(at: number): number {
    const key = this.#key;
    const known = this.#findOld();
    if (known >= 0) return known;
    const group = this.#ids.allocate();
    const base = group * KEY_WORDS;
    if (base + KEY_WORDS > this.#keys.length) this.#keys = growInt32(this.#keys, base + KEY_WORDS);
    for (let word = 0; word < KEY_WORDS; word++) {
      this.#keys[base + word] = key[word]!;
      this.#slots[at + word] = key[word]!;
    }
    this.#slots[at + GROUP] = group + 1;
    return group;
  }

  /** The group of the key looked for, which is not in the new table, or -1. */
  #findOld(): number {
    const old = this.#old;
    if (old === null || homeOf(this.#key, 0, old) < this.#moved) return -1;
    return old[findSlot(old, this.#key, 0) + GROUP]! - 1;
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
    const wanted = this.#moved + words;
    let from = this.#moved;
    for (; from < old.length && (from < wanted || old[from - SLOT_WORDS + GROUP] !== 0); from += SLOT_WORDS) {
      const id = old[from + GROUP]!;
      if (id === 0 || id === REMOVED) continue;
      let at = homeOf(old, from, slots);
      while (slots[at + GROUP] !== 0) at = (at + SLOT_WORDS) & wrap;
      for (let word = 0; word <= GROUP; word++) slots[at + word] = old[from + word]!;
    }
    this.#moved = from;
    if (from === old.length) this.#old = null;
  }
}

/** First word of the slot of `slots` the key at words[from…] would like; the loop of #assignPresent has the same formula inlined. */
function homeOf(words: Int32Array, from: number, slots: Int32Array): number {
  const left = Math.imul(words[from]! ^ Math.imul(words[from + 1]!, 0x85ebca6b), 0x9e3779b1);
  let hash = left ^ Math.imul(words[from + 2]! ^ Math.imul(words[from + 3]!, 0xc2b2ae35), 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> shiftFor(slots.length / SLOT_WORDS)) * SLOT_WORDS;
}

/** The slot of the key words[from…], or the empty slot where it would go. */
function findSlot(slots: Int32Array, words: Int32Array, from: number): number {
  const wrap = slots.length - 1;
  const low = words[from]!;
  const high = words[from + 1]!;
  const low2 = words[from + 2]!;
  const high2 = words[from + 3]!;
  const nulls = words[from + NULLS]!;
  let at = homeOf(words, from, slots);
  while (
    slots[at + GROUP] !== 0 &&
    (slots[at] !== low ||
      slots[at + 1] !== high ||
      slots[at + 2] !== low2 ||
      slots[at + 3] !== high2 ||
      slots[at + NULLS] !== nulls ||
      slots[at + GROUP] === REMOVED)
  ) {
    at = (at + SLOT_WORDS) & wrap;
  }
  return at;
}

/** As IntKeyTable's. */
function forgetKey(old: Int32Array, words: Int32Array, from: number): void {
  const at = findSlot(old, words, from);
  if (old[at + GROUP] !== 0) old[at + GROUP] = REMOVED;
}

/** Deletes by shifting later slots of the run back, so that no tombstones slow down probing. */
function removeKey(slots: Int32Array, words: Int32Array, from: number): void {
  const wrap = slots.length - 1;
  let hole = findSlot(slots, words, from);
  if (slots[hole + GROUP] === 0) return;
  let at = (hole + SLOT_WORDS) & wrap;
  while (slots[at + GROUP] !== 0) {
    if (((at - homeOf(slots, at, slots)) & wrap) >= ((at - hole) & wrap)) {
      slots.copyWithin(hole, at, at + SLOT_WORDS);
      hole = at;
    }
    at = (at + SLOT_WORDS) & wrap;
  }
  slots.fill(0, hole, hole + SLOT_WORDS);
}
