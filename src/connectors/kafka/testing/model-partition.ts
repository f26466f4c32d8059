import { type IsolationLevel, RecordBatchEncoder, RecordBatchReader, RecordColumns } from '../protocol/index.ts';
import { stampBatch } from '../protocol/records/index.ts';
import { BatchAttribute, BatchPosition, ControlRecordType } from '../protocol/records/record-batch-layout.ts';
import { ErrorCode } from '../protocol/wire/index.ts';

/** A record as a reader of committed records gets it. */
export interface ModelRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

interface StoredBatch {
  readonly bytes: Uint8Array;
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly timestampMs: number;
  readonly producerId: bigint;
  readonly transactional: boolean;
  readonly control: boolean;
}

interface Aborted {
  readonly producerId: bigint;
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/** What the leader remembers of a producer: its newest batches, so that a repeated one is recognised. */
interface KnownProducer {
  epoch: number;
  readonly newest: { readonly baseSequence: number; readonly lastSequence: number; readonly baseOffset: number }[];
}

export interface PartitionFetch {
  readonly records: Uint8Array;
  readonly aborted: readonly Aborted[];
}

const NEWEST_MAX = 5;
const SEQUENCE_LIMIT = 2 ** 31;
const NO_PRODUCER = -1n;

/** The log of one partition: batches as they were sent, who is in the middle of a transaction, and what was aborted. */
export class ModelPartition {
  readonly #partition: number;
  readonly #batches: StoredBatch[] = [];
  readonly #producers = new Map<bigint, KnownProducer>();
  /** First offset of each open transaction by producer. */
  readonly #open = new Map<bigint, number>();
  readonly #aborted: Aborted[] = [];
  readonly #changed = new Set<() => void>();
  #end = 0;

  constructor(partition: number) {
    this.#partition = partition;
  }

  /** The high watermark: everything is replicated at once. */
  get end(): number {
    return this.#end;
  }

  get lastStableOffset(): number {
    return Math.min(this.#end, ...this.#open.values());
  }

  /** Calls `listener` at every change; returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }

  /** Takes a batch of a client, or says why not. */
  append(sent: Uint8Array): { readonly errorCode: number; readonly baseOffset: number } {
    const view = viewOf(sent);
    const producerId = view.getBigInt64(BatchPosition.producerId);
    if (producerId === NO_PRODUCER) return { errorCode: ErrorCode.none, baseOffset: this.#store(sent.slice()) };
    const epoch = view.getInt16(BatchPosition.producerEpoch);
    const baseSequence = view.getInt32(BatchPosition.baseSequence);
    const count = view.getInt32(BatchPosition.recordCount);
    let producer = this.#producers.get(producerId);
    if (producer !== undefined && epoch < producer.epoch) return refused(ErrorCode.invalidProducerEpoch);
    if (producer === undefined || epoch > producer.epoch) {
      // One that is new here, or has come back, may begin anywhere.
      producer = { epoch, newest: [] };
      this.#producers.set(producerId, producer);
    }
    const repeated = producer.newest.find((one) => one.baseSequence === baseSequence);
    if (repeated !== undefined) return { errorCode: ErrorCode.none, baseOffset: repeated.baseOffset };
    const last = producer.newest.at(-1);
    if (last !== undefined && baseSequence !== (last.lastSequence + 1) % SEQUENCE_LIMIT) return refused(ErrorCode.outOfOrderSequenceNumber);
    const baseOffset = this.#store(sent.slice());
    producer.newest.push({ baseSequence, lastSequence: (baseSequence + count - 1) % SEQUENCE_LIMIT, baseOffset });
    if (producer.newest.length > NEWEST_MAX) producer.newest.shift();
    return { errorCode: ErrorCode.none, baseOffset };
  }

  /** Whether the producer of a batch has been replaced by a newer one. */
  knowsNewer(sent: Uint8Array): boolean {
    const view = viewOf(sent);
    const producer = this.#producers.get(view.getBigInt64(BatchPosition.producerId));
    return producer !== undefined && view.getInt16(BatchPosition.producerEpoch) < producer.epoch;
  }

  /** Writes the marker that ends the transaction of a producer; older epochs of it are shut out from now on. */
  endTransaction(producer: { readonly producerId: bigint; readonly producerEpoch: number }, outcome: 'commit' | 'abort', nowMs: number): void {
    const { producerId, producerEpoch } = producer;
    const firstOffset = this.#open.get(producerId);
    this.#open.delete(producerId);
    this.#producers.set(producerId, { epoch: producerEpoch, newest: [] });
    const lastOffset = this.#end;
    if (firstOffset !== undefined && outcome === 'abort') this.#aborted.push({ producerId, firstOffset, lastOffset });
    this.#store(controlBatch(producer, outcome, nowMs));
  }

  /** Whole batches from the one with `offset` on, one at least. */
  fetch(offset: number, isolation: IsolationLevel, bytesMax: number): PartitionFetch {
    const end = isolation === 'read_committed' ? this.lastStableOffset : this.#end;
    const batches: Uint8Array[] = [];
    let [bytes, lastOffset] = [0, offset];
    for (const batch of this.#batches) {
      if (batch.lastOffset < offset) continue;
      if (batch.firstOffset >= end || (bytes > 0 && bytes + batch.bytes.length > bytesMax)) break;
      batches.push(batch.bytes);
      bytes += batch.bytes.length;
      lastOffset = batch.lastOffset;
    }
    const aborted = isolation === 'read_committed' ? this.#aborted.filter((one) => one.lastOffset >= offset && one.firstOffset <= lastOffset) : [];
    return { records: Buffer.concat(batches), aborted };
  }

  /** The offset of the first record that is so young; -1 when none is. */
  offsetAt(timestampMs: number): number {
    return this.#batches.find((batch) => batch.timestampMs >= timestampMs)?.firstOffset ?? -1;
  }

  /** Every record that is outside open and aborted transactions. */
  committed(): ModelRecord[] {
    const records: ModelRecord[] = [];
    const columns = new RecordColumns();
    for (const batch of this.#batches) {
      if (batch.control || this.#isAborted(batch) || (batch.transactional && this.#isOpen(batch))) continue;
      const reader = new RecordBatchReader('read_uncommitted');
      const place = { topic: '', partition: this.#partition, fetchOffset: batch.firstOffset, abortedTransactions: [] };
      reader.open({ ...place, highWatermark: this.#end, lastStableOffset: this.#end, logStartOffset: 0, records: batch.bytes });
      while (reader.read(columns)) {
        for (let row = 0; row < columns.rowCount; row++)
          records.push({
            partition: this.#partition,
            offset: columns.offset[row]!,
            key: columns.key(row)?.slice() ?? null,
            value: columns.value(row)?.slice() ?? null,
          });
      }
    }
    return records;
  }

  #isAborted(batch: StoredBatch): boolean {
    return (
      batch.transactional &&
      this.#aborted.some((one) => one.producerId === batch.producerId && one.firstOffset <= batch.firstOffset && one.lastOffset >= batch.lastOffset)
    );
  }

  #isOpen(batch: StoredBatch): boolean {
    const first = this.#open.get(batch.producerId);
    return first !== undefined && batch.firstOffset >= first;
  }

  /** Gives the batch its offsets, which its checksum does not cover. */
  #store(bytes: Uint8Array): number {
    const view = viewOf(bytes);
    const firstOffset = this.#end;
    const lastOffset = firstOffset + view.getInt32(BatchPosition.lastOffsetDelta);
    view.setBigInt64(BatchPosition.baseOffset, BigInt(firstOffset));
    view.setInt32(BatchPosition.partitionLeaderEpoch, 0);
    const attributes = view.getInt16(BatchPosition.attributes);
    const producerId = view.getBigInt64(BatchPosition.producerId);
    const transactional = (attributes & BatchAttribute.transactional) !== 0;
    const control = (attributes & BatchAttribute.control) !== 0;
    const timestampMs = Number(view.getBigInt64(BatchPosition.maxTimestamp));
    this.#batches.push({ bytes, firstOffset, lastOffset, timestampMs, producerId, transactional, control });
    if (transactional && !control && !this.#open.has(producerId)) this.#open.set(producerId, firstOffset);
    this.#end = lastOffset + 1;
    for (const listener of [...this.#changed]) listener();
    return firstOffset;
  }
}

function refused(errorCode: number): { readonly errorCode: number; readonly baseOffset: number } {
  return { errorCode, baseOffset: -1 };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** One record with key => version INT16, type INT16. */
function controlBatch(
  producer: { readonly producerId: bigint; readonly producerEpoch: number },
  outcome: 'commit' | 'abort',
  nowMs: number,
): Uint8Array {
  const encoder = new RecordBatchEncoder();
  const key = Uint8Array.of(0, 0, 0, ControlRecordType[outcome]);
  encoder.append({ key, value: new Uint8Array(6), timestampMs: nowMs });
  const batch = encoder.take();
  const view = viewOf(batch.bytes);
  view.setInt16(BatchPosition.attributes, BatchAttribute.control);
  stampBatch(batch, { ...producer, baseSequence: -1, transactional: true });
  return batch.bytes.slice();
}
