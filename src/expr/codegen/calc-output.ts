import { BytesColumn, type Column, encodeValue, FixedColumn } from '../../batch/index.ts';
import { type Datum, fitsInt32, type SqlType, storageKind, writeUtf8 } from '../../types/index.ts';

const UINT32 = 4294967296;

/** Collects the values of one computed column; the generated loop writes its arrays directly. */
export interface CalcOutput {
  nulls: boolean;
  readonly valid: Uint8Array;
  /** Writes row `at`; rows are written in order, each at most once more after a row that was left out. */
  writeDatum(at: number, value: Datum | null): void;
  finish(count: number): Column;
}

class FixedOutput implements CalcOutput {
  readonly #type: SqlType;
  readonly f64: Float64Array;
  readonly i32: Int32Array;
  readonly valid: Uint8Array;
  nulls = false;

  constructor(type: SqlType, capacity: number) {
    this.#type = type;
    this.f64 = new Float64Array(capacity);
    this.i32 = new Int32Array(this.f64.buffer);
    this.valid = new Uint8Array(capacity).fill(1);
  }

  writeDatum(at: number, value: Datum | null): void {
    if (value === null) {
      this.nulls = true;
      this.valid[at] = 0;
    } else if (storageKind(this.#type) === 'float') {
      this.f64[at] = value as number;
    } else if (typeof value === 'bigint') {
      new BigInt64Array(this.f64.buffer)[at] = value;
    } else {
      const number = Number(value);
      this.i32[2 * at] = number;
      this.i32[2 * at + 1] = fitsInt32(this.#type) ? number >> 31 : Math.floor(number / UINT32);
    }
  }

  finish(count: number): Column {
    return new FixedColumn(this.#type, this.f64.subarray(0, count), this.nulls ? this.valid.subarray(0, count) : null);
  }
}

export class BytesOutput implements CalcOutput {
  readonly #type: SqlType;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly valid: Uint8Array;
  #data: Uint8Array;
  #used = 0;
  nulls = false;

  constructor(type: SqlType, capacity: number, dataBytes: number) {
    this.#type = type;
    this.#starts = new Int32Array(capacity);
    this.#ends = new Int32Array(capacity);
    this.valid = new Uint8Array(capacity).fill(1);
    this.#data = new Uint8Array(dataBytes);
  }

  /** Bytes written, from which the next batch's buffer is sized. */
  get used(): number {
    return this.#used;
  }

  writeBytes(at: number, data: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.#used + length > this.#data.length) this.#grow(length);
    const target = this.#data;
    let position = this.#used;
    this.#starts[at] = position;
    if (length > 48) {
      target.set(data.subarray(start, end), position);
      position += length;
    } else {
      for (let from = start; from < end; from++) target[position++] = data[from]!;
    }
    this.#ends[at] = position;
    this.#used = position;
  }

  /** A numeric in its value bytes (types: decimalToBytes): two bytes of scale, then the mantissa's fewest bytes, two's complement. */
  writeDecimal(at: number, mantissa: number, scale: number): void {
    if (this.#used + 10 > this.#data.length) this.#grow(10);
    const data = this.#data;
    let position = this.#used;
    this.#starts[at] = position;
    data[position++] = scale & 0xff;
    data[position++] = scale >> 8;
    let rest = mantissa;
    let last = 0;
    while (rest !== 0 && !(rest === -1 && last >= 0x80)) {
      const next = Math.floor(rest / 256);
      last = rest - next * 256;
      data[position++] = last;
      rest = next;
    }
    // A positive number whose top bit is set needs a byte for its sign.
    if (rest === 0 && last >= 0x80) data[position++] = 0;
    this.#ends[at] = position;
    this.#used = position;
  }

  writeDatum(at: number, value: Datum | null): void {
    if (value === null) {
      this.nulls = true;
      this.valid[at] = 0;
    } else if (typeof value === 'string' && this.#type.kind !== 'uuid') {
      this.#writeText(at, value);
    } else {
      const bytes = encodeValue(this.#type, value);
      this.writeBytes(at, bytes, 0, bytes.length);
    }
  }

  finish(count: number): Column {
    return new BytesColumn(this.#type, {
      data: this.#data.subarray(0, this.#used),
      starts: this.#starts.subarray(0, count),
      ends: this.#ends.subarray(0, count),
      valid: this.nulls ? this.valid.subarray(0, count) : null,
    });
  }

  #writeText(at: number, value: string): void {
    if (this.#used + value.length * 3 > this.#data.length) this.#grow(value.length * 3);
    this.#starts[at] = this.#used;
    this.#used = writeUtf8(value, this.#data, this.#used);
    this.#ends[at] = this.#used;
  }

  #grow(length: number): void {
    const grown = new Uint8Array(Math.max(this.#used + length, this.#data.length * 2, 256));
    grown.set(this.#data.subarray(0, this.#used));
    this.#data = grown;
  }
}

export function createOutput(type: SqlType, capacity: number, dataBytes: number): FixedOutput | BytesOutput {
  return storageKind(type) === 'bytes' ? new BytesOutput(type, capacity, dataBytes) : new FixedOutput(type, capacity);
}
