import type { SqlType } from '../../types/index.ts';
import { type Column, FixedColumn } from '../column.ts';
import type { GroupIds } from './group-ids.ts';
import { growInt32 } from './grow-array.ts';
import { HashSlots, homeOf } from './hash-slots.ts';
import { CHUNK_ROWS, type KeyTable, REMOVED, shiftFor } from './key-table.ts';

/** Up to 31 fixed-width key columns, kept as rows of words: two a column, then one word with a bit for each NULL. */
export class FixedKeyTable implements KeyTable {
  readonly #types: readonly SqlType[];
  readonly #ids: GroupIds;
  readonly #slots: HashSlots;
  readonly #stride: number;
  /** Keys and hashes of the chunk at hand. */
  #packed = new Int32Array(0);
  #hashes = new Int32Array(0);
  #keys: Int32Array;

  constructor(types: readonly SqlType[], ids: GroupIds) {
    this.#types = types;
    this.#ids = ids;
    this.#slots = new HashSlots(ids);
    this.#stride = types.length * 2 + 1;
    this.#keys = new Int32Array(256 * this.#stride);
  }

  get sizeBytes(): number {
    return this.#slots.sizeBytes + this.#keys.byteLength;
  }

  assign(keys: readonly Column[], rowCount: number, out: Int32Array): number {
    const before = this.#ids.liveCount;
    for (let start = 0; start < rowCount; start += CHUNK_ROWS) {
      const rows = Math.min(rowCount - start, CHUNK_ROWS);
      this.#slots.prepare(rows);
      this.#pack(keys as readonly FixedColumn[], start, rows);
      this.#assignChunk(rows, out.subarray(start, start + rows));
    }
    return this.#ids.liveCount - before;
  }

  lookup(keys: readonly Column[], rowCount: number, out: Int32Array): void {
    for (let start = 0; start < rowCount; start += CHUNK_ROWS) {
      const rows = Math.min(rowCount - start, CHUNK_ROWS);
      this.#pack(keys as readonly FixedColumn[], start, rows);
      for (let row = 0; row < rows; row++) {
        const group = this.#find(this.#slots.entries, row);
        out[start + row] = group >= 0 ? group : this.#findOld(row);
      }
    }
  }

  remove(group: number): void {
    this.#slots.remove(group);
  }

  clear(): void {
    this.#slots.clear();
  }

  keysOf(groups: Int32Array, count: number): Column[] {
    const stride = this.#stride;
    const keys = this.#keys;
    return this.#types.map((type, index) => {
      const slots = new Float64Array(count);
      const words = new Int32Array(slots.buffer);
      let valid: Uint8Array | null = null;
      for (let at = 0; at < count; at++) {
        const base = groups[at]! * stride;
        words[2 * at] = keys[base + 2 * index]!;
        words[2 * at + 1] = keys[base + 2 * index + 1]!;
        if ((keys[base + stride - 1]! & (1 << index)) !== 0) {
          valid ??= new Uint8Array(count).fill(1);
          valid[at] = 0;
        }
      }
      return new FixedColumn(type, slots, valid);
    });
  }

  #assignChunk(rows: number, out: Int32Array): void {
    const packed = this.#packed;
    const hashes = this.#hashes;
    const stride = this.#stride;
    const { entries } = this.#slots;
    const wrap = entries.length - 1;
    const shift = shiftFor(entries.length / 2);
    let keys = this.#keys;
    for (let row = 0; row < rows; row++) {
      const hash = hashes[row]!;
      const rowAt = row * stride;
      let group = -1;
      let at = (hash >>> shift) * 2;
      for (let id = entries[at + 1]!; id !== 0; id = entries[at + 1]!) {
        if (entries[at] === hash) {
          const keyAt = (id - 1) * stride;
          let word = 0;
          while (word < stride && keys[keyAt + word] === packed[rowAt + word]) word++;
          if (word === stride) {
            group = id - 1;
            break;
          }
        }
        at = (at + 2) & wrap;
      }
      if (group < 0) {
        group = this.#addOrFindOld(row);
        keys = this.#keys;
      }
      out[row] = group;
    }
  }

  #addOrFindOld(row: number): number {
    const known = this.#findOld(row);
    if (known >= 0) return known;
    const stride = this.#stride;
    const group = this.#ids.allocate();
    if ((group + 1) * stride > this.#keys.length) this.#keys = growInt32(this.#keys, (group + 1) * stride);
    for (let word = 0; word < stride; word++) this.#keys[group * stride + word] = this.#packed[row * stride + word]!;
    this.#slots.add(group, this.#hashes[row]!);
    return group;
  }

  /** The group of a key that is not in the new table, or -1. */
  #findOld(row: number): number {
    const old = this.#slots.oldFor(this.#hashes[row]!);
    return old === null ? -1 : this.#find(old, row);
  }

  #find(entries: Int32Array, row: number): number {
    const hash = this.#hashes[row]!;
    const stride = this.#stride;
    const wrap = entries.length - 1;
    let at = homeOf(entries, hash);
    for (let id = entries[at + 1]!; id !== 0; id = entries[at + 1]!) {
      if (entries[at] === hash && id !== REMOVED) {
        let word = 0;
        while (word < stride && this.#keys[(id - 1) * stride + word] === this.#packed[row * stride + word]) word++;
        if (word === stride) return id - 1;
      }
      at = (at + 2) & wrap;
    }
    return -1;
  }

  #pack(columns: readonly FixedColumn[], start: number, rows: number): void {
    const stride = this.#stride;
    if (rows > this.#hashes.length) {
      this.#packed = new Int32Array(rows * stride);
      this.#hashes = new Int32Array(rows);
    }
    const packed = this.#packed;
    const hashes = this.#hashes;
    hashes.fill(0, 0, rows);
    for (let row = 0; row < rows; row++) packed[row * stride + stride - 1] = 0;
    for (let index = 0; index < columns.length; index++) {
      const { i32, valid } = columns[index]!;
      for (let row = 0; row < rows; row++) {
        const from = 2 * (start + row);
        const to = row * stride + 2 * index;
        const present = valid === null || valid[start + row] !== 0;
        const low = present ? i32[from]! : 0;
        const high = present ? i32[from + 1]! : 0;
        packed[to] = low;
        packed[to + 1] = high;
        if (!present) packed[row * stride + stride - 1]! |= 1 << index;
        let hash = hashes[row]! ^ Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
        hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
        hashes[row] = hash ^ (hash >>> 13);
      }
    }
  }
}
