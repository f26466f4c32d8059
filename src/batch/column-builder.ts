import { assert } from '../base/index.ts';
import { type Datum, datumToBytes, isStoredAsUtf8, type SqlType, storageKind, writeUtf8 } from '../types/index.ts';
import { BytesColumn, type Column, FixedColumn } from './column.ts';

const UINT32 = 4294967296;

/** Rows that room is made for when nobody says how many there will be. */
const ROWS_MIN = 64;

/** What a builder has before its first row: most builders of state and of errors never see one. */
const NO_FLOATS = new Float64Array(0);
const NO_INTEGERS = new Int32Array(0);
const NO_BIGINTS = new BigInt64Array(0);
const NO_BYTES = new Uint8Array(0);

/** Collects values of one type row by row. The raw append forms skip Datum; the caller picks the one that fits the type's storage. */
export class ColumnBuilder {
  readonly type: SqlType;
  readonly #fixed: boolean;
  readonly #float: boolean;
  readonly #utf8: boolean;
  #length = 0;
  #capacity = 0;
  /** Rows that room is made for with the first one. */
  #firstCapacity: number;
  #f64: Float64Array = NO_FLOATS;
  #i32: Int32Array = NO_INTEGERS;
  #i64: BigInt64Array = NO_BIGINTS;
  #starts: Int32Array = NO_INTEGERS;
  #ends: Int32Array = NO_INTEGERS;
  #data: Uint8Array = NO_BYTES;
  #used = 0;
  #valid: Uint8Array | null = null;

  constructor(type: SqlType, capacity = ROWS_MIN) {
    this.type = type;
    const storage = storageKind(type);
    this.#fixed = storage !== 'bytes';
    this.#float = storage === 'float';
    this.#utf8 = isStoredAsUtf8(type);
    this.#firstCapacity = Math.max(capacity, 1);
  }

  get length(): number {
    return this.#length;
  }

  /** Bytes of text collected so far; 0 for fixed storage. */
  get dataBytes(): number {
    return this.#used;
  }

  appendNull(): void {
    const row = this.#next();
    if (this.#valid === null) this.#valid = new Uint8Array(this.#capacity).fill(1);
    this.#valid[row] = 0;
  }

  append(datum: Datum | null): void {
    if (datum === null) this.appendNull();
    else if (this.#utf8) this.appendText(datum as string);
    else if (!this.#fixed) {
      const bytes = datumToBytes(this.type, datum);
      this.appendBytes(bytes, 0, bytes.length);
    } else if (typeof datum === 'bigint') this.appendBigInt(datum);
    else if (typeof datum === 'boolean') this.appendInt32(datum ? 1 : 0);
    else if (this.#float) this.appendFloat(datum as number);
    else this.appendSafeInteger(datum as number);
  }

  appendInt32(value: number): void {
    const row = this.#next();
    this.#i32[2 * row] = value;
    this.#i32[2 * row + 1] = value >> 31;
  }

  /** A slot of fixed storage as its two halves. */
  appendWords(low: number, high: number): void {
    const row = this.#next();
    this.#i32[2 * row] = low;
    this.#i32[2 * row + 1] = high;
  }

  /** An integer within ±2^53. */
  appendSafeInteger(value: number): void {
    const row = this.#next();
    const high = Math.floor(value / UINT32);
    this.#i32[2 * row] = value - high * UINT32;
    this.#i32[2 * row + 1] = high;
  }

  appendBigInt(value: bigint): void {
    // The row first: taking it may replace the array that is written to.
    const row = this.#next();
    this.#i64[row] = value;
  }

  appendFloat(value: number): void {
    const row = this.#next();
    this.#f64[row] = value;
  }

  appendBytes(data: Uint8Array, start: number, end: number): void {
    const row = this.#next();
    this.#reserve(end - start);
    this.#starts[row] = this.#used;
    if (end - start > 32) this.#data.set(data.subarray(start, end), this.#used);
    else for (let at = start, to = this.#used; at < end; at++, to++) this.#data[to] = data[at]!;
    this.#used += end - start;
    this.#ends[row] = this.#used;
  }

  appendText(text: string): void {
    const row = this.#next();
    this.#reserve(text.length * 3);
    this.#starts[row] = this.#used;
    this.#used = writeUtf8(text, this.#data, this.#used);
    this.#ends[row] = this.#used;
  }

  /** The column; the builder is empty afterwards and may be used again. */
  finish(): Column {
    const length = this.#length;
    const valid = this.#valid === null ? null : this.#valid.subarray(0, length);
    const column = this.#fixed
      ? new FixedColumn(this.type, this.#f64.subarray(0, length), valid)
      : new BytesColumn(this.type, {
          data: this.#data.subarray(0, this.#used),
          starts: this.#starts.subarray(0, length),
          ends: this.#ends.subarray(0, length),
          valid,
        });
    this.#length = 0;
    this.#capacity = 0;
    this.#firstCapacity = ROWS_MIN;
    this.#used = 0;
    this.#valid = null;
    return column;
  }

  #next(): number {
    if (this.#length === this.#capacity) this.#grow();
    return this.#length++;
  }

  /** After finish() the capacity is 0: fresh arrays are made, the finished column keeps the old ones. */
  #grow(): void {
    const capacity = this.#capacity === 0 ? this.#firstCapacity : Math.max(ROWS_MIN, this.#capacity * 2);
    const kept = this.#length;
    if (this.#fixed) {
      const grown = new Float64Array(capacity);
      grown.set(this.#f64.subarray(0, kept));
      this.#f64 = grown;
      this.#i32 = new Int32Array(grown.buffer);
      this.#i64 = new BigInt64Array(grown.buffer);
    } else {
      if (kept === 0) this.#data = new Uint8Array(capacity * 16);
      this.#starts = grownInt32(this.#starts, kept, capacity);
      this.#ends = grownInt32(this.#ends, kept, capacity);
    }
    if (this.#valid !== null) {
      const valid = new Uint8Array(capacity).fill(1);
      valid.set(this.#valid.subarray(0, kept));
      this.#valid = valid;
    }
    this.#capacity = capacity;
  }

  #reserve(bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#data.length) return;
    assert(needed < 0x7fff_ffff, 'a column holds at most 2 GB of text');
    const grown = new Uint8Array(Math.min(0x7fff_ffff, Math.max(needed, this.#data.length * 2)));
    grown.set(this.#data.subarray(0, this.#used));
    this.#data = grown;
  }
}

/** One column of the given values. */
export function columnFromDatums(type: SqlType, datums: readonly (Datum | null)[]): Column {
  const builder = new ColumnBuilder(type, datums.length);
  for (const datum of datums) builder.append(datum);
  return builder.finish();
}

function grownInt32(array: Int32Array, kept: number, capacity: number): Int32Array {
  const grown = new Int32Array(capacity);
  grown.set(array.subarray(0, kept));
  return grown;
}
