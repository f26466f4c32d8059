import { BytesColumn, type Column, FixedColumn } from '../batch/index.ts';
import { type Datum, datumToBytes, type SqlType, storageKind } from '../types/index.ts';

/** Bytes that are not in the messages: unescaped strings, encodings of numerics and the like. One for all columns of a batch. */
export class DecodedTail {
  #bytes = new Uint8Array(0);
  #used = 0;
  /** Whether any value lies here, empty ones included. */
  inUse = false;

  get length(): number {
    return this.#used;
  }

  /** Returns the offset of the added bytes. */
  add(bytes: Uint8Array): number {
    const at = this.#used;
    this.inUse = true;
    if (at + bytes.length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(1024, this.#bytes.length * 2, at + bytes.length));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, at);
    this.#used = at + bytes.length;
    return at;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }
}

/** What a kernel has found of a column already. */
interface ScannedColumn {
  readonly slots: Float64Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly valid: Uint8Array | null;
}

/**
 * A column while it is decoded: some rows are already there (from a kernel), others are set one by one. Rows of a bytes column
 * refer to data that is there already (the messages, the texts of a kernel), or, written as -1 - offset, to the tail.
 */
export class DecodeTarget {
  readonly type: SqlType;
  /** False: values are converted to see whether they are good, and dropped. */
  readonly kept: boolean;
  readonly slots: Float64Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly #rowCount: number;
  #valid: Uint8Array | null;
  /** Rows were set here, so that whether all of them have values is known no more. */
  #changed = false;

  constructor(type: SqlType, options: { readonly rowCount: number; readonly kept?: boolean; readonly from?: ScannedColumn | undefined }) {
    const { rowCount, kept = true, from } = options;
    const isBytes = storageKind(type) === 'bytes';
    const slotCount = isBytes || !kept ? 0 : rowCount;
    const rangeCount = isBytes && kept ? rowCount : 0;
    this.type = type;
    this.kept = kept;
    this.#rowCount = rowCount;
    this.slots = from !== undefined && slotCount > 0 && from.slots.length > 0 ? from.slots : new Float64Array(slotCount);
    this.starts = from !== undefined && rangeCount > 0 && from.starts.length > 0 ? from.starts : new Int32Array(rangeCount);
    this.ends = from !== undefined && rangeCount > 0 && from.ends.length > 0 ? from.ends : new Int32Array(rangeCount);
    this.#valid = from?.valid ?? null;
  }

  setNull(row: number): void {
    this.#changed = true;
    this.#valid ??= new Uint8Array(this.#rowCount).fill(1);
    this.#valid[row] = 0;
    if (!this.kept) return;
    if (this.slots.length > 0) this.slots[row] = 0;
    else this.setRange(row, 0, 0);
  }

  set(row: number, datum: Datum | null, tail: DecodedTail): void {
    if (datum === null) {
      this.setNull(row);
      return;
    }
    this.#setPresent(row);
    if (!this.kept) return;
    if (storageKind(this.type) === 'bytes') this.setBytes(row, datumToBytes(this.type, datum), tail);
    else if (storageKind(this.type) === 'float') this.slots[row] = datum as number;
    else new BigInt64Array(this.slots.buffer, this.slots.byteOffset, this.#rowCount)[row] = BigInt(datum as bigint | number | boolean);
  }

  /** A value of a bytes column, by its bytes. */
  setBytes(row: number, bytes: Uint8Array, tail: DecodedTail): void {
    const offset = tail.add(bytes);
    this.setRange(row, -1 - offset, -1 - offset - bytes.length);
    this.#setPresent(row);
  }

  setRange(row: number, start: number, end: number): void {
    this.starts[row] = start;
    this.ends[row] = end;
  }

  isNull(row: number): boolean {
    return this.#valid !== null && this.#valid[row] === 0;
  }

  /** Validity as the kernel left it, or null when every row has a value. */
  get valid(): Uint8Array | null {
    return this.#valid;
  }

  /** `source.data` holds what positive ranges refer to, `tailAt` is where the tail begins in it, `shift` what to take off ranges. */
  finish(source: { readonly data: Uint8Array; readonly shift: number; readonly tailAt: number }): Column {
    const valid = this.#finishValid();
    if (storageKind(this.type) !== 'bytes') return new FixedColumn(this.type, this.slots, valid);
    if (source.tailAt >= 0) {
      for (let row = 0; row < this.#rowCount; row++) {
        const start = this.starts[row]!;
        const end = this.ends[row]!;
        if (start < 0) this.setRange(row, source.tailAt - 1 - start, source.tailAt - 1 - end);
        else if (end > 0) this.setRange(row, start - source.shift, end - source.shift);
      }
    }
    return new BytesColumn(this.type, { data: source.data, starts: this.starts, ends: this.ends, valid });
  }

  #setPresent(row: number): void {
    this.#changed = true;
    if (this.#valid !== null) this.#valid[row] = 1;
  }

  #finishValid(): Uint8Array | null {
    const valid = this.#valid;
    return valid === null || (this.#changed && !valid.includes(0)) ? null : valid;
  }
}

/** Bytes [first, last) of the data that is there already and the tail as one buffer; without a tail the data as it is. */
export function joinTail(
  tail: DecodedTail,
  source: { data: Uint8Array; first: number; last: number },
): { data: Uint8Array; shift: number; tailAt: number } {
  if (!tail.inUse) return { data: source.data, shift: 0, tailAt: -1 };
  const sourceLength = Math.max(0, source.last - source.first);
  const data = new Uint8Array(sourceLength + tail.length);
  data.set(source.data.subarray(source.first, source.first + sourceLength));
  data.set(tail.bytes(), sourceLength);
  return { data, shift: source.first, tailAt: sourceLength };
}
