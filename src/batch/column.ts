import { type SqlType, storageKind } from '../types/index.ts';

/**
 * A column of fixed-width values: one buffer of 8-byte slots seen through three views. Types that fit 32 bits are
 * stored sign-extended, so that the low word (`i32[2 * row]`, little endian) is the value. Doubles use `f64`.
 * `valid` is one byte a row, 1 = present; null = no NULL in the column. Slots of NULL rows are zero.
 * A byte rather than a bit a row: the generated loops test it without shifting, and it is gathered like any other byte.
 */
export class FixedColumn {
  readonly storage: 'int' | 'float';
  readonly type: SqlType;
  readonly i64: BigInt64Array;
  readonly i32: Int32Array;
  readonly f64: Float64Array;
  readonly valid: Uint8Array | null;

  constructor(type: SqlType, f64: Float64Array, valid: Uint8Array | null) {
    this.storage = storageKind(type) as 'int' | 'float';
    this.type = type;
    this.f64 = f64;
    this.i64 = new BigInt64Array(f64.buffer, f64.byteOffset, f64.length);
    this.i32 = new Int32Array(f64.buffer, f64.byteOffset, f64.length * 2);
    this.valid = valid;
  }
}

/**
 * A column of variable-length values: row r is `data[starts[r], ends[r])`. Rows may overlap, lie in any order and point
 * into a buffer shared with other columns (the fetched message, for instance); `data` is never written after the column exists.
 * NULL rows have start = end = 0. Encodings by type: text, varchar, char, name, internal_char, unknown: UTF-8;
 * jsonb: normalised JSON text; bytea: itself; uuid: 16 bytes; numeric, interval, array, row: see types (value-bytes).
 */
export class BytesColumn {
  readonly storage = 'bytes' as const;
  readonly type: SqlType;
  readonly data: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly valid: Uint8Array | null;

  constructor(type: SqlType, parts: { data: Uint8Array; starts: Int32Array; ends: Int32Array; valid: Uint8Array | null }) {
    this.type = type;
    this.data = parts.data;
    this.starts = parts.starts;
    this.ends = parts.ends;
    this.valid = parts.valid;
  }
}

/** Arrays of a column may be longer than the batch that holds it; only the first `rowCount` entries count. */
export type Column = FixedColumn | BytesColumn;

export function isNull(column: Column, row: number): boolean {
  return column.valid !== null && column.valid[row] === 0;
}
