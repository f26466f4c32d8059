import { crc32c } from '@node-rs/crc32';
import { readInt64AsNumber } from '../int64.ts';
import { compressionOf, decompress } from './compression.ts';
import { DamagedBatchError } from './damaged-batch-error.ts';
import { decodeRecords, type RecordRun } from './decode-records.ts';
import type { FetchedPartition, IsolationLevel } from './fetched-partition.ts';
import { BATCH_PREFIX_BYTES, BatchAttribute, BatchPosition, CRC_COVERS_FROM, MAGIC_V2 } from './record-batch-layout.ts';
import type { RecordColumns } from './record-columns.ts';
import { TransactionFilter } from './transaction-filter.ts';

const NOTHING = new Uint8Array(0);
const NO_FILTER = new TransactionFilter([]);

/**
 * Decodes the answer of a fetch into columns, as many rows at a time as the columns hold.
 *
 * All rows of one `read` lie in one data buffer: consecutive uncompressed batches are read in one go (they share the fetched
 * bytes), a compressed batch is inflated into a buffer of its own. `nextOffset` is exact after every read, so a reader may
 * stop anywhere and a later fetch from that offset continues without a gap or a repeated record.
 */
export class RecordBatchReader {
  readonly #isolation: IsolationLevel;
  #fetched: FetchedPartition | undefined;
  #bytes: Uint8Array = NOTHING;
  #view: DataView = new DataView(NOTHING.buffer);
  #filter: TransactionFilter = NO_FILTER;
  /** Where the next batch begins. */
  #position = 0;
  /** Where the batch being decoded ends in offsets: its successor's first possible offset. */
  #batchNextOffset = 0;
  #nextOffset = 0;
  #damage: DamagedBatchError | undefined;
  readonly #run: RecordRun = {
    data: NOTHING,
    position: 0,
    limit: 0,
    remaining: 0,
    baseOffset: 0,
    baseTimestamp: 0,
    appendTimestamp: undefined,
    offsetMin: 0,
    offsetEnd: 0,
  };

  constructor(isolation: IsolationLevel) {
    this.#isolation = isolation;
  }

  /** Begins with a fetched partition; whatever was left of the one before is forgotten. */
  open(fetched: FetchedPartition): void {
    this.#fetched = fetched;
    this.#bytes = fetched.records;
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    this.#filter = this.#isolation === 'read_committed' ? new TransactionFilter(fetched.abortedTransactions) : NO_FILTER;
    this.#position = 0;
    this.#nextOffset = fetched.fetchOffset;
    this.#run.remaining = 0;
    this.#damage = undefined;
  }

  /** Lets go of the bytes, which may be others' from now on: what lies behind the last batch must not be taken for one. `nextOffset` stays. */
  close(): void {
    this.#fetched = undefined;
    this.#bytes = NOTHING;
    this.#view = new DataView(NOTHING.buffer);
    this.#position = 0;
    this.#run.data = NOTHING;
    this.#run.remaining = 0;
    this.#damage = undefined;
  }

  /** The offset to continue from after the rows delivered so far; passes over control, aborted and empty batches too. */
  get nextOffset(): number {
    return this.#nextOffset;
  }

  /** True when every complete batch has been read, so that the next fetched partition may be opened. */
  get exhausted(): boolean {
    return this.#damage === undefined && this.#run.remaining === 0 && batchEnd(this.#view, this.#position) === undefined;
  }

  /**
   * Fills the columns from their first row; false when there is nothing left before `offsetEnd` (exclusive).
   * Throws DamagedBatchError, always after the rows before the damage have been delivered by calls of their own.
   */
  read(out: RecordColumns, offsetEnd = Number.POSITIVE_INFINITY): boolean {
    out.rowCount = 0;
    this.#run.offsetEnd = offsetEnd;
    while (out.rowCount < out.capacity && this.#damage === undefined && this.#nextOffset < offsetEnd) {
      if (this.#run.remaining === 0 && !this.#openBatch()) break;
      if (this.#run.remaining === 0) continue;
      if (out.rowCount > 0 && out.data !== this.#run.data) break;
      out.data = this.#run.data;
      if (!decodeRecords(this.#run, out)) this.#damage = this.#damaged('a record runs past the end of its batch');
      this.#moveNextOffset(out, offsetEnd);
    }
    if (this.#damage !== undefined && out.rowCount === 0) throw this.#damage;
    return out.rowCount > 0;
  }

  #moveNextOffset(out: RecordColumns, offsetEnd: number): void {
    const afterLastRow = out.rowCount > 0 ? out.offset[out.rowCount - 1]! + 1 : this.#nextOffset;
    if (this.#damage !== undefined || out.rowCount === out.capacity) this.#nextOffset = Math.max(this.#nextOffset, afterLastRow);
    // Stopped by a record at or after the end offset: nothing is left before it.
    else if (this.#run.remaining > 0) this.#nextOffset = offsetEnd;
    if (this.#damage === undefined && this.#run.remaining === 0) this.#nextOffset = this.#batchNextOffset;
  }

  /** Reads the header of the next batch; false at the end, at a batch that was cut off by the fetch size, and at damage. */
  #openBatch(): boolean {
    const position = this.#position;
    const end = batchEnd(this.#view, position);
    if (end === undefined) return false;
    this.#damage = this.#formatDamage(position, end);
    if (this.#damage !== undefined) return false;
    this.#position = end;
    const view = this.#view;
    const baseOffset = readInt64AsNumber(view, position + BatchPosition.baseOffset);
    const lastOffset = baseOffset + view.getInt32(position + BatchPosition.lastOffsetDelta);
    this.#batchNextOffset = Math.max(lastOffset + 1, this.#nextOffset);
    if (this.#skips(position, lastOffset)) {
      this.#nextOffset = this.#batchNextOffset;
      return true;
    }
    this.#beginRun(position, end, baseOffset);
    if (this.#damage === undefined && this.#run.remaining === 0) this.#nextOffset = this.#batchNextOffset;
    return true;
  }

  #skips(position: number, lastOffset: number): boolean {
    const dropped = this.#isolation === 'read_committed' && this.#filter.drops(this.#view, this.#bytes, position, lastOffset);
    const control = (this.#view.getInt16(position + BatchPosition.attributes) & BatchAttribute.control) !== 0;
    return dropped || control || lastOffset < this.#nextOffset;
  }

  #beginRun(position: number, end: number, baseOffset: number): void {
    const run = this.#run;
    const view = this.#view;
    const attributes = view.getInt16(position + BatchPosition.attributes);
    const bits = attributes & BatchAttribute.compressionMask;
    run.remaining = Math.max(0, view.getInt32(position + BatchPosition.recordCount));
    run.baseOffset = baseOffset;
    run.baseTimestamp = readInt64AsNumber(view, position + BatchPosition.baseTimestamp);
    const appendTime = (attributes & BatchAttribute.logAppendTime) !== 0;
    run.appendTimestamp = appendTime ? readInt64AsNumber(view, position + BatchPosition.maxTimestamp) : undefined;
    run.offsetMin = this.#nextOffset;
    if (bits === 0 || run.remaining === 0) {
      run.data = this.#bytes;
      run.position = position + BatchPosition.records;
      run.limit = end;
      return;
    }
    run.position = 0;
    run.data = this.#inflate(bits, this.#bytes.subarray(position + BatchPosition.records, end));
    run.limit = run.data.length;
  }

  #inflate(bits: number, bytes: Uint8Array): Uint8Array {
    const compression = compressionOf(bits);
    if (compression === undefined) {
      this.#damage = this.#damaged(`unknown compression type ${bits}`);
      return NOTHING;
    }
    try {
      return decompress(compression, bytes);
    } catch (error) {
      this.#damage = this.#damaged(`the ${compression} data cannot be decompressed`, error);
      return NOTHING;
    }
  }

  #formatDamage(position: number, end: number): DamagedBatchError | undefined {
    const magic = this.#view.getInt8(position + BatchPosition.magic);
    if (magic !== MAGIC_V2) return this.#damaged(`record format ${magic} is not supported, only format ${MAGIC_V2} (Kafka 0.11 and later)`);
    if (end - position < BatchPosition.records) return this.#damaged(`its length of ${end - position} bytes is less than a batch header`);
    const expected = this.#view.getUint32(position + BatchPosition.crc);
    const actual = crc32c(this.#bytes.subarray(position + CRC_COVERS_FROM, end));
    return actual === expected ? undefined : this.#damaged(`checksum is ${hexadecimal(actual)}, expected ${hexadecimal(expected)}`);
  }

  #damaged(reason: string, cause?: unknown): DamagedBatchError {
    this.#run.remaining = 0;
    const { topic, partition } = this.#fetched!;
    return new DamagedBatchError({ topic, partition, offset: this.#nextOffset }, reason, cause);
  }
}

/**
 * The offset after the last complete batch, without decoding anything: what the next fetch asks for while this one is still
 * to be read. `fetchOffset` when no batch is complete.
 */
export function offsetAfter(records: Uint8Array, fetchOffset: number): number {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  let next = fetchOffset;
  let position = 0;
  for (;;) {
    const end = batchEnd(view, position);
    if (end === undefined || end - position < BatchPosition.records) return next;
    const lastOffset = readInt64AsNumber(view, position) + view.getInt32(position + BatchPosition.lastOffsetDelta);
    next = Math.max(next, lastOffset + 1);
    position = end;
  }
}

/** End of the batch that begins at `position`, or undefined when it is incomplete. */
function batchEnd(view: DataView, position: number): number | undefined {
  if (position + BATCH_PREFIX_BYTES + 5 > view.byteLength) return undefined;
  const length = view.getInt32(position + BatchPosition.batchLength);
  const end = position + BATCH_PREFIX_BYTES + Math.max(5, length);
  return end > view.byteLength ? undefined : end;
}

function hexadecimal(value: number): string {
  return value.toString(16).padStart(8, '0');
}
