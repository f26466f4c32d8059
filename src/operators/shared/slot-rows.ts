import { BytesColumn, type Column, FixedColumn, gatherColumn, RangeCopier } from '../../batch/index.ts';
import { type SqlType, storageKind } from '../../types/index.ts';
import { grownFloat64, grownInt32, grownUint8 } from './grow-array.ts';

/** Text of many rows; a row with more of it gets a segment of its own. */
const SEGMENT_BYTES = 1 << 20;

/** Text of rows, and all columns as they look for rows whose text lies here. */
interface Segment {
  readonly data: Uint8Array<ArrayBuffer>;
  columns: readonly Column[];
  used: number;
  live: number;
  rows: number;
}

interface Stored {
  fixed: FixedColumn | null;
  starts: Int32Array<ArrayBuffer>;
  ends: Int32Array<ArrayBuffer>;
  valid: Uint8Array<ArrayBuffer>;
}

/**
 * Rows addressed by small integers, kept as columns and written one at a time: for rows that come and go quickly. Numbers of removed rows are handed out
 * again. What is gathered shares nothing with the store.
 */
export class SlotRows {
  readonly #types: readonly SqlType[];
  readonly #stored: readonly Stored[];
  readonly #segments: (Segment | undefined)[] = [];
  #current = -1;
  /** Segment of each slot, -1 where there is no row. */
  #segmentOf: Int32Array<ArrayBuffer> = new Int32Array(64);
  #capacity = 64;
  #end = 0;
  readonly #free: number[] = [];
  #used = 0;
  #live = 0;
  #copiers: (RangeCopier | undefined)[] = [];
  #sources: (Uint8Array | undefined)[] = [];

  constructor(types: readonly SqlType[]) {
    this.#types = types;
    this.#stored = types.map((type) => {
      const valid = new Uint8Array(64);
      const fixed = storageKind(type) === 'bytes' ? null : new FixedColumn(type, new Float64Array(64), valid);
      return { fixed, valid, starts: new Int32Array(64), ends: new Int32Array(64) };
    });
  }

  /** One above the highest slot ever handed out. */
  get slotEnd(): number {
    return this.#end;
  }

  get rowCount(): number {
    return this.#end - this.#free.length;
  }

  has(slot: number): boolean {
    return this.#segmentOf[slot] !== -1;
  }

  /** Columns that hold the slot's row at index `slot`, until the next change. */
  columnsOf(slot: number): readonly Column[] {
    return this.#segments[this.#segmentOf[slot]!]!.columns;
  }

  /** Copies a row; returns its slot. */
  add(columns: readonly Column[], row: number): number {
    const slot = this.#free.pop() ?? this.#end++;
    if (slot === this.#capacity) this.#grow();
    this.#write(slot, columns, row);
    return slot;
  }

  remove(slot: number): void {
    this.#leave(slot);
    this.#segmentOf[slot] = -1;
    this.#free.push(slot);
  }

  /** The rows of some slots, in their order. */
  gather(slots: Int32Array): Column[] {
    return this.#stored.map(({ fixed }, index) => (fixed === null ? this.#gatherBytes(index, slots) : gatherColumn(fixed, slots, slots.length)));
  }

  /** Moves text out of segments that are mostly gaps, and lets go of what was read. Called between epochs. */
  compact(): void {
    this.#copiers = [];
    this.#sources = [];
    if (this.#used < 2 * this.#live + SEGMENT_BYTES) return;
    this.#current = -1;
    const sparse = this.#segments.map((segment) => segment !== undefined && segment.live * 2 < segment.used);
    for (let slot = 0; slot < this.#end; slot++) {
      const from = this.#segmentOf[slot]!;
      if (from === -1 || !sparse[from]) continue;
      const { columns } = this.#segments[from]!;
      this.#leave(slot);
      this.#write(slot, columns, slot);
    }
    this.#copiers = [];
    this.#sources = [];
  }

  sizeBytes(): number {
    let bytes = this.#segmentOf.byteLength;
    for (const segment of this.#segments) bytes += segment?.data.byteLength ?? 0;
    return bytes + this.#types.length * this.#capacity * 9;
  }

  #write(slot: number, columns: readonly Column[], row: number): void {
    const number = this.#segmentFor(textBytes(columns, row));
    const segment = this.#segments[number]!;
    let at = segment.used;
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index]!;
      const { fixed, starts, ends, valid } = this.#stored[index]!;
      const present = column.valid === null || column.valid[row] === 1;
      valid[slot] = present ? 1 : 0;
      if (column.storage !== 'bytes') {
        fixed!.i32[2 * slot] = column.i32[2 * row]!;
        fixed!.i32[2 * slot + 1] = column.i32[2 * row + 1]!;
        continue;
      }
      const start = at;
      if (present) at = this.#copier(index, column.data, segment.data).copy(column.starts[row]!, column.ends[row]!, at);
      starts[slot] = start;
      ends[slot] = at;
    }
    const bytes = at - segment.used;
    this.#segmentOf[slot] = number;
    segment.used = at;
    segment.live += bytes;
    segment.rows++;
    this.#used += bytes;
    this.#live += bytes;
  }

  /** The row's text is given up; a segment without rows goes. */
  #leave(slot: number): void {
    const number = this.#segmentOf[slot]!;
    const segment = this.#segments[number]!;
    let bytes = 0;
    for (const { fixed, starts, ends } of this.#stored) if (fixed === null) bytes += ends[slot]! - starts[slot]!;
    segment.live -= bytes;
    this.#live -= bytes;
    if (--segment.rows > 0) return;
    this.#used -= segment.used;
    if (number === this.#current) segment.used = 0;
    else this.#segments[number] = undefined;
  }

  #segmentFor(bytes: number): number {
    const current = this.#segments[this.#current];
    if (current !== undefined && current.used + bytes <= current.data.length) return this.#current;
    if (current?.rows === 0) this.#segments[this.#current] = undefined;
    this.#copiers = [];
    this.#sources = [];
    const gap = this.#segments.indexOf(undefined);
    this.#current = gap === -1 ? this.#segments.length : gap;
    const data = new Uint8Array(Math.max(SEGMENT_BYTES, bytes));
    this.#segments[this.#current] = { data, columns: this.#columnsWith(data), used: 0, live: 0, rows: 0 };
    return this.#current;
  }

  #copier(index: number, source: Uint8Array, target: Uint8Array): RangeCopier {
    if (this.#sources[index] !== source) {
      this.#sources[index] = source;
      this.#copiers[index] = new RangeCopier(source, target);
    }
    return this.#copiers[index]!;
  }

  #columnsWith(data: Uint8Array): Column[] {
    return this.#stored.map(({ fixed, starts, ends, valid }, index) => fixed ?? new BytesColumn(this.#types[index]!, { data, starts, ends, valid }));
  }

  #gatherBytes(index: number, slots: Int32Array): Column {
    const { starts, ends, valid } = this.#stored[index]!;
    const offsets = new Int32Array(slots.length + 1);
    const present = new Uint8Array(slots.length);
    let presentCount = 0;
    for (let at = 0; at < slots.length; at++) {
      const slot = slots[at]!;
      offsets[at + 1] = offsets[at]! + ends[slot]! - starts[slot]!;
      present[at] = valid[slot]!;
      presentCount += valid[slot]!;
    }
    const data = new Uint8Array(offsets[slots.length]!);
    let segment = -1;
    let copier: RangeCopier | null = null;
    for (let at = 0; at < slots.length; at++) {
      const slot = slots[at]!;
      if (copier === null || this.#segmentOf[slot] !== segment) {
        segment = this.#segmentOf[slot]!;
        copier = new RangeCopier(this.#segments[segment]!.data, data);
      }
      copier.copy(starts[slot]!, ends[slot]!, offsets[at]!);
    }
    const allPresent = presentCount === slots.length;
    const parts = { data, starts: offsets.subarray(0, slots.length), ends: offsets.subarray(1), valid: allPresent ? null : present };
    return new BytesColumn(this.#types[index]!, parts);
  }

  #grow(): void {
    const needed = this.#capacity + 1;
    this.#segmentOf = grownInt32(this.#segmentOf, needed);
    this.#capacity = this.#segmentOf.length;
    for (const [index, stored] of this.#stored.entries()) {
      stored.valid = grownUint8(stored.valid, needed);
      if (stored.fixed === null) {
        stored.starts = grownInt32(stored.starts, needed);
        stored.ends = grownInt32(stored.ends, needed);
      } else {
        stored.fixed = new FixedColumn(this.#types[index]!, grownFloat64(stored.fixed.f64 as Float64Array<ArrayBuffer>, needed), stored.valid);
      }
    }
    for (const segment of this.#segments) if (segment !== undefined) segment.columns = this.#columnsWith(segment.data);
  }
}

function textBytes(columns: readonly Column[], row: number): number {
  let bytes = 0;
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index]!;
    if (column.storage === 'bytes') bytes += column.ends[row]! - column.starts[row]!;
  }
  return bytes;
}
