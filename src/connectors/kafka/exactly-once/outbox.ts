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
  #batches: PartitionBatch[] = [];
  #completeBytes = 0;
  #tally = new RowTally();

  constructor(context: SinkContext, compression: Compression) {
    this.#records = new RowRecords(context, compression);
  }

  get bytes(): number {
    return this.#completeBytes + this.#records.openBytes;
  }

  append(batch: Batch, partitionCount: number): void {
    this.#tally.add(batch);
    this.#records.append(batch, partitionCount, this.#keep);
  }

  /** All of it as bytes, or null when there is none; the outbox is empty then. */
  take(): Uint8Array | null {
    this.#records.flush(this.#keep);
    if (this.#batches.length === 0) return null;
    const bytes = encodeSendable({ rows: this.#tally.rows, digest: this.#tally.digest, batches: this.#batches });
    this.#batches = [];
    this.#completeBytes = 0;
    this.#tally = new RowTally();
    return bytes;
  }

  readonly #keep = (one: PartitionBatch): void => {
    this.#batches.push(one);
    this.#completeBytes += one.batch.bytes.length;
  };
}

/** What a prepared value is; numbers in files never change. */
const Kind = { records: 1, total: 2 } as const;
const HEADER_BYTES = 24;
const BATCH_HEADER_BYTES = 12;

/**
 * kind INT32, batches INT32, rows INT64, digest INT64, then of each batch: partition INT32, records INT32, length INT32, bytes. Checksums are those of the
 * state it is kept in.
 */
function encodeSendable({ rows, digest, batches }: Sendable): Uint8Array {
  const length = batches.reduce((sum, { batch }) => sum + BATCH_HEADER_BYTES + batch.bytes.length, HEADER_BYTES);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, Kind.records);
  view.setInt32(4, batches.length);
  view.setBigInt64(8, rows);
  view.setBigUint64(16, digest);
  let at = HEADER_BYTES;
  for (const { partition, batch } of batches) {
    view.setInt32(at, partition);
    view.setInt32(at + 4, batch.recordCount);
    view.setInt32(at + 8, batch.bytes.length);
    bytes.set(batch.bytes, at + BATCH_HEADER_BYTES);
    at += BATCH_HEADER_BYTES + batch.bytes.length;
  }
  return bytes;
}

/** The batches are views: whoever stamps them copies them. */
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
