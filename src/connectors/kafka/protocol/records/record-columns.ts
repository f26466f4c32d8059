const DEFAULT_CAPACITY = 4096;

/**
 * The records of one read, column by column. Keys, values and headers are positions in `data`: the fetched bytes themselves
 * for uncompressed batches, the inflated bytes for compressed ones. The arrays are reused by the next read; `data` is not,
 * so whoever keeps `data` may keep positions copied out of the columns.
 *
 * Offsets and timestamps are numbers (see ../int64.ts). A start of -1 means null; an end is exclusive.
 */
export class RecordColumns {
  readonly capacity: number;
  data: Uint8Array = EMPTY;
  rowCount = 0;
  readonly offset: Float64Array;
  /** Milliseconds since the epoch; -1 when the producer gave none. */
  readonly timestamp: Float64Array;
  readonly keyStart: Int32Array;
  readonly keyEnd: Int32Array;
  readonly valueStart: Int32Array;
  readonly valueEnd: Int32Array;
  /** Position of the header count; see readHeaders. */
  readonly headersStart: Int32Array;

  constructor(capacity: number = DEFAULT_CAPACITY) {
    this.capacity = capacity;
    this.offset = new Float64Array(capacity);
    this.timestamp = new Float64Array(capacity);
    this.keyStart = new Int32Array(capacity);
    this.keyEnd = new Int32Array(capacity);
    this.valueStart = new Int32Array(capacity);
    this.valueEnd = new Int32Array(capacity);
    this.headersStart = new Int32Array(capacity);
  }

  /** A view of the key bytes, for edges and tests; loops use the positions. */
  key(row: number): Uint8Array | null {
    const start = this.keyStart[row]!;
    return start < 0 ? null : this.data.subarray(start, this.keyEnd[row]!);
  }

  /** A view of the value bytes, for edges and tests; loops use the positions. */
  value(row: number): Uint8Array | null {
    const start = this.valueStart[row]!;
    return start < 0 ? null : this.data.subarray(start, this.valueEnd[row]!);
  }
}

const EMPTY = new Uint8Array(0);
