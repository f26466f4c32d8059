import { crc32c } from '@node-rs/crc32';
import { writeNumberAsInt64 } from '../int64.ts';
import { type Compression, compress, compressionNames } from './compression.ts';
import { BATCH_HEADER_BYTES, BATCH_PREFIX_BYTES, BatchAttribute, BatchPosition, CRC_COVERS_FROM, MAGIC_V2 } from './record-batch-layout.ts';
import type { RecordHeader } from './record-headers.ts';
import { varintBytes, varlongBytes, writeVarint, writeVarlong } from './varint.ts';

/** A sink has an encoder for each partition, and most have little to say at a time. */
const INITIAL_BYTES = 1024;
/** Up to here a byte loop beats the call into the runtime. */
const LOOP_COPY_BYTES_MAX = 48;

/**
 * A record whose key and value are ranges of larger buffers, so that a loop can reuse one object for all of them.
 * A start of -1 means null.
 */
export interface RecordSlices {
  keyData: Uint8Array;
  keyStart: number;
  keyEnd: number;
  valueData: Uint8Array;
  valueStart: number;
  valueEnd: number;
  /** Milliseconds since the epoch. */
  timestampMs: number;
  headers?: readonly RecordHeader[] | undefined;
}

/** A finished batch. Producer fields and checksum are written by `stampBatch`, once, when its sequence is known. */
export interface EncodedBatch {
  readonly bytes: Uint8Array;
  readonly recordCount: number;
}

export interface ProducerStamp {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly transactional: boolean;
}

/** Writes records one after the other into one growing buffer in the layout of record-batch-layout.ts. */
export class RecordBatchEncoder {
  readonly #compression: Compression;
  #bytes: Uint8Array = new Uint8Array(INITIAL_BYTES);
  #length: number = BATCH_HEADER_BYTES;
  #recordCount = 0;
  #firstTimestamp = 0;
  #maxTimestamp = 0;
  readonly #slices: RecordSlices = {
    keyData: NOTHING,
    keyStart: -1,
    keyEnd: -1,
    valueData: NOTHING,
    valueStart: -1,
    valueEnd: -1,
    timestampMs: 0,
  };

  constructor(compression: Compression = 'none') {
    this.#compression = compression;
  }

  get recordCount(): number {
    return this.#recordCount;
  }

  /** Bytes so far, before compression. */
  get byteLength(): number {
    return this.#length;
  }

  append(record: {
    readonly key: Uint8Array | null;
    readonly value: Uint8Array | null;
    readonly timestampMs: number;
    readonly headers?: readonly RecordHeader[];
  }): void {
    const { key, value } = record;
    const slices = this.#slices;
    slices.keyData = key ?? NOTHING;
    slices.keyStart = key === null ? -1 : 0;
    slices.keyEnd = key === null ? -1 : key.length;
    slices.valueData = value ?? NOTHING;
    slices.valueStart = value === null ? -1 : 0;
    slices.valueEnd = value === null ? -1 : value.length;
    slices.timestampMs = record.timestampMs;
    slices.headers = record.headers;
    this.appendSlices(slices);
  }

  appendSlices(record: RecordSlices): void {
    if (this.#recordCount === 0) {
      this.#firstTimestamp = record.timestampMs;
      this.#maxTimestamp = record.timestampMs;
    }
    const timestampDelta = record.timestampMs - this.#firstTimestamp;
    if (record.timestampMs > this.#maxTimestamp) this.#maxTimestamp = record.timestampMs;
    const keyLength = record.keyStart < 0 ? -1 : record.keyEnd - record.keyStart;
    const valueLength = record.valueStart < 0 ? -1 : record.valueEnd - record.valueStart;
    const headers = record.headers === undefined ? NO_HEADERS : encodeHeaders(record.headers);
    const fixed = 1 + varlongBytes(timestampDelta) + varintBytes(this.#recordCount);
    const size = fixed + varintBytes(keyLength) + Math.max(0, keyLength) + varintBytes(valueLength) + Math.max(0, valueLength) + headers.length;
    this.#reserve(size + 5);
    const bytes = this.#bytes;
    let at = writeVarint(bytes, this.#length, size);
    bytes[at++] = 0;
    at = writeVarlong(bytes, at, timestampDelta);
    at = writeVarint(bytes, at, this.#recordCount);
    at = writeVarint(bytes, at, keyLength);
    if (keyLength > 0) at = copy(bytes, at, record.keyData, record.keyStart, record.keyEnd);
    at = writeVarint(bytes, at, valueLength);
    if (valueLength > 0) at = copy(bytes, at, record.valueData, record.valueStart, record.valueEnd);
    bytes.set(headers, at);
    this.#length = at + headers.length;
    this.#recordCount++;
  }

  /** Hands the batch over and begins a new one. Not to be called without records. */
  take(): EncodedBatch {
    const { bytes, recordCount } = this.lend();
    return { bytes: bytes.slice(), recordCount };
  }

  /** Ends the batch, whose bytes are overwritten by the next one, and begins that. Not to be called without records. */
  lend(): EncodedBatch {
    const bytes = this.#compression === 'none' ? this.#bytes.subarray(0, this.#length) : this.#compressed(this.#compression);
    const recordCount = this.#recordCount;
    this.#writeHeader(bytes);
    this.#length = BATCH_HEADER_BYTES;
    this.#recordCount = 0;
    return { bytes, recordCount };
  }

  #compressed(compression: Compression): Uint8Array {
    const records = compress(compression, this.#bytes.subarray(BATCH_HEADER_BYTES, this.#length));
    const bytes = new Uint8Array(BATCH_HEADER_BYTES + records.length);
    bytes.set(records, BATCH_HEADER_BYTES);
    return bytes;
  }

  #writeHeader(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    writeNumberAsInt64(view, BatchPosition.baseOffset, 0);
    view.setInt32(BatchPosition.batchLength, bytes.length - BATCH_PREFIX_BYTES);
    view.setInt32(BatchPosition.partitionLeaderEpoch, -1);
    view.setInt8(BatchPosition.magic, MAGIC_V2);
    view.setInt16(BatchPosition.attributes, compressionNames.indexOf(this.#compression));
    view.setInt32(BatchPosition.lastOffsetDelta, this.#recordCount - 1);
    writeNumberAsInt64(view, BatchPosition.baseTimestamp, this.#firstTimestamp);
    writeNumberAsInt64(view, BatchPosition.maxTimestamp, this.#maxTimestamp);
    view.setBigInt64(BatchPosition.producerId, -1n);
    view.setInt16(BatchPosition.producerEpoch, -1);
    view.setInt32(BatchPosition.baseSequence, -1);
    view.setInt32(BatchPosition.recordCount, this.#recordCount);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Writes who sends the batch and its place in the producer's sequence, then the checksum over all of it. */
export function stampBatch(batch: EncodedBatch, stamp: ProducerStamp): void {
  const { bytes } = batch;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const attributes = view.getInt16(BatchPosition.attributes) & ~BatchAttribute.transactional;
  view.setInt16(BatchPosition.attributes, stamp.transactional ? attributes | BatchAttribute.transactional : attributes);
  view.setBigInt64(BatchPosition.producerId, stamp.producerId);
  view.setInt16(BatchPosition.producerEpoch, stamp.producerEpoch);
  view.setInt32(BatchPosition.baseSequence, stamp.baseSequence);
  view.setUint32(BatchPosition.crc, crc32c(bytes.subarray(CRC_COVERS_FROM)));
}

/** The header section of a record: count, then key and value of each. */
function encodeHeaders(headers: readonly RecordHeader[]): Uint8Array {
  const keys = headers.map((header) => encoder.encode(header.key));
  const size = headers.reduce((sum, header, index) => sum + 10 + keys[index]!.length + (header.value?.length ?? 0), 5);
  const bytes = new Uint8Array(size);
  let at = writeVarint(bytes, 0, headers.length);
  headers.forEach((header, index) => {
    at = writeVarint(bytes, at, keys[index]!.length);
    bytes.set(keys[index]!, at);
    at = writeVarint(bytes, at + keys[index]!.length, header.value === null ? -1 : header.value.length);
    if (header.value !== null) {
      bytes.set(header.value, at);
      at += header.value.length;
    }
  });
  return bytes.subarray(0, at);
}

/** Kernel: short ranges by a loop, long ones by the runtime; returns the position behind them. */
function copy(target: Uint8Array, at: number, source: Uint8Array, start: number, end: number): number {
  if (end - start > LOOP_COPY_BYTES_MAX) {
    target.set(source.subarray(start, end), at);
    return at + end - start;
  }
  let position = at;
  for (let index = start; index < end; index++) target[position++] = source[index]!;
  return position;
}

const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);
const NO_HEADERS = new Uint8Array(1);
