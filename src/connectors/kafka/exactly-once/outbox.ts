import { assert } from '../../../base/index.ts';
import type { Batch } from '../../../batch/index.ts';
import type { SinkContext } from '../../../spi/index.ts';
import type { Compression } from '../protocol/index.ts';
import { type PartitionBatch, RowRecords } from '../row-records.ts';
import type { Total } from './marker.ts';
import { RowTally } from './row-tally.ts';

/** What one checkpoint has to send: record batches in order, and what they add to the totals. */
export interface Sendable {
  readonly rows: bigint;
  readonly digest: bigint;
  readonly batches: readonly PartitionBatch[];
}

/**
 * Records that may not leave yet, ready to be sent. At a checkpoint they become part of the sink's state, so they are as durable as the checkpoint that lets them
 * go; the batches are then only stamped and sent, never encoded again.
 */
export class Outbox {
  readonly #records: RowRecords;
  #sendable: SendableWriter;
  #tally = new RowTally();

  constructor(context: SinkContext, compression: Compression) {
    this.#records = new RowRecords(context, compression);
    this.#sendable = new SendableWriter(INITIAL_BYTES);
  }

  get bytes(): number {
    return this.#sendable.bytes + this.#records.openBytes;
  }

  append(batch: Batch, partitionCount: number): void {
    this.#tally.add(batch);
    this.#records.append(batch, partitionCount, this.#keep);
  }

  /** All of it as bytes, or null when there is none; the outbox is empty then. */
  take(): Uint8Array | null {
    this.#records.flush(this.#keep);
    if (this.#sendable.bytes === 0) return null;
    const bytes = this.#sendable.finish(this.#tally);
    // The next checkpoint most likely has about as much. Room that nothing is written to costs nothing, and to grow is to copy all of it.
    this.#sendable = new SendableWriter(Math.ceil(ROOM * bytes.length));
    this.#tally = new RowTally();
    return bytes;
  }

  readonly #keep = (one: PartitionBatch): void => this.#sendable.add(one);
}

/** What a prepared value is; numbers in files never change. */
const Kind = { records: 1, total: 2 } as const;
const HEADER_BYTES = 24;
const BATCH_HEADER_BYTES = 12;
const INITIAL_BYTES = 64 * 1024;
/** What the next checkpoint may have more than the last one, as a factor. */
const ROOM = 1.5;

/**
 * Writes a Sendable: kind INT32, batches INT32, rows INT64, digest INT64, then of each batch: partition INT32, records INT32, length INT32, bytes. Checksums are
 * those of the state it is kept in.
 */
class SendableWriter {
  #buffer: Uint8Array;
  #view: DataView;
  #length = HEADER_BYTES;
  #batches = 0;

  constructor(capacity: number) {
    this.#buffer = new Uint8Array(capacity);
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** Of the batches and what tells them apart. */
  get bytes(): number {
    return this.#length - HEADER_BYTES;
  }

  add({ partition, batch: { bytes, recordCount } }: PartitionBatch): void {
    const at = this.#length;
    this.#reserve(BATCH_HEADER_BYTES + bytes.length);
    this.#view.setInt32(at, partition);
    this.#view.setInt32(at + 4, recordCount);
    this.#view.setInt32(at + 8, bytes.length);
    this.#buffer.set(bytes, at + BATCH_HEADER_BYTES);
    this.#length = at + BATCH_HEADER_BYTES + bytes.length;
    this.#batches++;
  }

  finish({ rows, digest }: Pick<Sendable, 'rows' | 'digest'>): Uint8Array {
    this.#view.setInt32(0, Kind.records);
    this.#view.setInt32(4, this.#batches);
    this.#view.setBigInt64(8, rows);
    this.#view.setBigUint64(16, digest);
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** The batches are views, and may be stamped: whoever sends them again does so anew, and the state has a copy of its own. */
export function decodeSendable(bytes: Uint8Array): Sendable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  assert(view.getInt32(0) === Kind.records, 'what is sent are records');
  const batches: PartitionBatch[] = [];
  let at = HEADER_BYTES;
  for (let index = 0; index < view.getInt32(4); index++) {
    const start = at + BATCH_HEADER_BYTES;
    const end = start + view.getInt32(at + 8);
    batches.push({ partition: view.getInt32(at), batch: { recordCount: view.getInt32(at + 4), bytes: bytes.subarray(start, end) } });
    at = end;
  }
  return { rows: view.getBigInt64(8), digest: view.getBigUint64(16), batches };
}

/** For a checkpoint in the middle of rows that are out already: where it stands among them. kind INT32, unused INT32, rows INT64, digest INT64. */
export function encodeTotal({ rows, digest }: Pick<Total, 'rows' | 'digest'>): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, Kind.total);
  view.setBigInt64(8, rows);
  view.setBigUint64(16, digest);
  return bytes;
}

/** Null for records. */
export function decodeTotal(bytes: Uint8Array): Pick<Total, 'rows' | 'digest'> | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getInt32(0) === Kind.total ? { rows: view.getBigInt64(8), digest: view.getBigUint64(16) } : null;
}
