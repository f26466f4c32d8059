import { assert } from '../../base/index.ts';
import type { SqlType } from '../../types/index.ts';
import { BytesColumn, type Column } from '../column.ts';
import type { GroupIds } from './group-ids.ts';
import { growInt32 } from './grow-array.ts';
import { HashSlots, homeOf } from './hash-slots.ts';
import { CHUNK_ROWS, type KeyTable, REMOVED, shiftFor } from './key-table.ts';

/** Freed bytes are reclaimed when they are the larger half of the data and at least this many. */
const GARBAGE_BYTES_MIN = 65_536;

/** One key column of variable-length values. */
export class BytesKeyTable implements KeyTable {
  readonly #type: SqlType;
  readonly #ids: GroupIds;
  readonly #slots: HashSlots;
  #data = new Uint8Array(4096);
  #used = 0;
  #garbage = 0;
  #starts = new Int32Array(256);
  #ends = new Int32Array(256);
  #nullGroup = -1;

  constructor(type: SqlType, ids: GroupIds) {
    this.#type = type;
    this.#ids = ids;
    this.#slots = new HashSlots(ids);
  }

  get sizeBytes(): number {
    return this.#slots.sizeBytes + this.#data.byteLength + 2 * this.#starts.byteLength;
  }

  assign(keys: readonly Column[], rowCount: number, out: Int32Array): number {
    const column = keys[0] as BytesColumn;
    const before = this.#ids.liveCount;
    for (let start = 0; start < rowCount; start += CHUNK_ROWS) {
      const end = Math.min(rowCount, start + CHUNK_ROWS);
      this.#slots.prepare(end - start);
      this.#assignChunk(column, { start, end }, out);
    }
    return this.#ids.liveCount - before;
  }

  lookup(keys: readonly Column[], rowCount: number, out: Int32Array): void {
    const column = keys[0] as BytesColumn;
    const { data, starts, ends, valid } = column;
    for (let row = 0; row < rowCount; row++) {
      if (valid !== null && valid[row] === 0) out[row] = this.#nullGroup;
      else out[row] = this.#find(column, row, hashBytes(data, starts[row]!, ends[row]!));
    }
  }

  remove(group: number): void {
    if (group === this.#nullGroup) {
      this.#nullGroup = -1;
      return;
    }
    this.#slots.remove(group);
    this.#garbage += this.#ends[group]! - this.#starts[group]!;
    this.#starts[group] = 0;
    this.#ends[group] = 0;
    if (this.#garbage > GARBAGE_BYTES_MIN && this.#garbage * 2 > this.#used) this.#reclaim();
  }

  clear(): void {
    this.#slots.clear();
    this.#used = 0;
    this.#garbage = 0;
    this.#nullGroup = -1;
  }

  keysOf(groups: Int32Array, count: number): BytesColumn[] {
    const starts = new Int32Array(count);
    const ends = new Int32Array(count);
    let valid: Uint8Array | null = null;
    let length = 0;
    for (let index = 0; index < count; index++) {
      const group = groups[index]!;
      if (group === this.#nullGroup) {
        valid ??= new Uint8Array(count).fill(1);
        valid[index] = 0;
      } else length += this.#ends[group]! - this.#starts[group]!;
    }
    const data = new Uint8Array(length);
    let at = 0;
    for (let index = 0; index < count; index++) {
      const group = groups[index]!;
      if (group === this.#nullGroup) continue;
      starts[index] = at;
      for (let from = this.#starts[group]!; from < this.#ends[group]!; from++) data[at++] = this.#data[from]!;
      ends[index] = at;
    }
    return [new BytesColumn(this.#type, { data, starts, ends, valid })];
  }

  #assignChunk(column: BytesColumn, rows: { start: number; end: number }, out: Int32Array): void {
    const { data, starts, ends, valid } = column;
    const { entries } = this.#slots;
    const wrap = entries.length - 1;
    const shift = shiftFor(entries.length / 2);
    let own = this.#data;
    let ownStarts = this.#starts;
    let ownEnds = this.#ends;
    for (let row = rows.start; row < rows.end; row++) {
      if (valid !== null && valid[row] === 0) {
        if (this.#nullGroup < 0) this.#nullGroup = this.#addNull();
        out[row] = this.#nullGroup;
        continue;
      }
      const start = starts[row]!;
      const length = ends[row]! - start;
      const hash = hashBytes(data, start, start + length);
      let group = -1;
      let at = (hash >>> shift) * 2;
      for (let id = entries[at + 1]!; id !== 0; id = entries[at + 1]!) {
        const from = ownStarts[id - 1]!;
        if (entries[at] === hash && ownEnds[id - 1]! - from === length) {
          let index = 0;
          while (index < length && own[from + index] === data[start + index]) index++;
          if (index === length) {
            group = id - 1;
            break;
          }
        }
        at = (at + 2) & wrap;
      }
      if (group < 0) {
        group = this.#addOrFindOld(column, row, hash);
        own = this.#data;
        ownStarts = this.#starts;
        ownEnds = this.#ends;
      }
      out[row] = group;
    }
  }

  #addOrFindOld(column: BytesColumn, row: number, hash: number): number {
    const old = this.#slots.oldFor(hash);
    const known = old === null ? -1 : this.#probe(old, { column, row, hash });
    return known >= 0 ? known : this.#add(column, row, hash);
  }

  #find(column: BytesColumn, row: number, hash: number): number {
    const group = this.#probe(this.#slots.entries, { column, row, hash });
    const old = group >= 0 ? null : this.#slots.oldFor(hash);
    return old === null ? group : this.#probe(old, { column, row, hash });
  }

  #probe(entries: Int32Array, key: { readonly column: BytesColumn; readonly row: number; readonly hash: number }): number {
    const { data } = key.column;
    const start = key.column.starts[key.row]!;
    const length = key.column.ends[key.row]! - start;
    const { hash } = key;
    const own = this.#data;
    const wrap = entries.length - 1;
    let at = homeOf(entries, hash);
    for (let id = entries[at + 1]!; id !== 0; id = entries[at + 1]!) {
      if (entries[at] === hash && id !== REMOVED) {
        const from = this.#starts[id - 1]!;
        if (this.#ends[id - 1]! - from === length) {
          let index = 0;
          while (index < length && own[from + index] === data[start + index]) index++;
          if (index === length) return id - 1;
        }
      }
      at = (at + 2) & wrap;
    }
    return -1;
  }

  #add(column: BytesColumn, row: number, hash: number): number {
    const start = column.starts[row]!;
    const end = column.ends[row]!;
    const group = this.#allocate();
    this.#reserve(end - start);
    this.#starts[group] = this.#used;
    for (let from = start; from < end; from++) this.#data[this.#used++] = column.data[from]!;
    this.#ends[group] = this.#used;
    this.#slots.add(group, hash);
    return group;
  }

  /** The NULL key lies beside the slots. */
  #addNull(): number {
    const group = this.#allocate();
    this.#starts[group] = 0;
    this.#ends[group] = 0;
    return group;
  }

  #allocate(): number {
    const group = this.#ids.allocate();
    if (group >= this.#starts.length) {
      this.#starts = growInt32(this.#starts, group + 1);
      this.#ends = growInt32(this.#ends, group + 1);
    }
    return group;
  }

  #reserve(bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#data.length) return;
    assert(needed < 0x7fff_ffff, 'the keys of one operator in one slot hold at most 2 GB of text');
    const grown = new Uint8Array(Math.min(0x7fff_ffff, Math.max(needed, this.#data.length * 2)));
    grown.set(this.#data.subarray(0, this.#used));
    this.#data = grown;
  }

  #reclaim(): void {
    const kept = new Uint8Array(Math.max(16_384, (this.#used - this.#garbage) * 2));
    let at = 0;
    for (let group = 0; group < this.#ids.end; group++) {
      const start = this.#starts[group]!;
      const end = this.#ends[group]!;
      kept.set(this.#data.subarray(start, end), at);
      this.#starts[group] = at;
      at += end - start;
      this.#ends[group] = at;
    }
    this.#data = kept;
    this.#used = at;
    this.#garbage = 0;
  }
}

/** Of no one's concern outside this process, so simpler than the hash of key groups: four bytes a step. */
function hashBytes(data: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const block = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
    hash = Math.imul((hash ^ block) + ((hash ^ block) >>> 15), 0x9e3779b1);
  }
  for (; at < end; at++) hash = Math.imul(hash ^ data[at]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
