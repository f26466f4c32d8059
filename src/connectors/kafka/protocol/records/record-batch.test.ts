import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeNumberAsInt64 } from '../int64.ts';
import { compressionNames } from './compression.ts';
import { DamagedBatchError } from './damaged-batch-error.ts';
import type { AbortedTransaction, FetchedPartition, IsolationLevel } from './fetched-partition.ts';
import {
  type Compression,
  offsetAfter,
  prepareZstd,
  RecordBatchEncoder,
  RecordBatchReader,
  RecordColumns,
  readHeaders,
  stampBatch,
} from './index.ts';
import { BatchAttribute, BatchPosition, CRC_COVERS_FROM } from './record-batch-layout.ts';
import type { RecordHeader } from './record-headers.ts';

interface PlainRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestampMs: number;
  readonly headers: readonly RecordHeader[];
}

interface BatchOptions {
  readonly baseOffset?: number;
  readonly compression?: Compression;
  readonly producerId?: bigint;
  readonly attributes?: number;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const plain = (value: string): PlainRecord => ({ key: null, value: text(value), timestampMs: 1_700_000_000_000, headers: [] });

/** A batch as the broker would return it: base offset and attributes set, checksum valid. */
function batchBytes(records: readonly PlainRecord[], options: BatchOptions = {}): Uint8Array {
  const encoder = new RecordBatchEncoder(options.compression ?? 'none');
  for (const record of records) encoder.append(record);
  const batch = encoder.take();
  stampBatch(batch, { producerId: options.producerId ?? -1n, producerEpoch: 0, baseSequence: 0, transactional: false });
  const view = new DataView(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength);
  writeNumberAsInt64(view, BatchPosition.baseOffset, options.baseOffset ?? 0);
  if (options.attributes !== undefined) {
    view.setInt16(BatchPosition.attributes, view.getInt16(BatchPosition.attributes) | options.attributes);
    view.setUint32(BatchPosition.crc, crc32c(batch.bytes.subarray(CRC_COVERS_FROM)));
  }
  return batch.bytes;
}

function controlBatch(producerId: bigint, baseOffset: number, type: number): Uint8Array {
  const record = { key: Uint8Array.of(0, 0, 0, type), value: new Uint8Array(6), timestampMs: 0, headers: [] };
  return batchBytes([record], { producerId, baseOffset, attributes: BatchAttribute.control | BatchAttribute.transactional });
}

function fetched(parts: readonly Uint8Array[], options: { fetchOffset?: number; aborted?: readonly AbortedTransaction[] } = {}): FetchedPartition {
  return {
    topic: 't',
    partition: 3,
    fetchOffset: options.fetchOffset ?? 0,
    highWatermark: 1e6,
    lastStableOffset: 1e6,
    logStartOffset: 0,
    abortedTransactions: options.aborted ?? [],
    records: Buffer.concat(parts),
  };
}

interface ReadRecord extends PlainRecord {
  readonly offset: number;
}

function readAll(
  from: FetchedPartition,
  options: { isolation?: IsolationLevel; capacity?: number } = {},
): { rows: ReadRecord[]; nextOffset: number } {
  const reader = new RecordBatchReader(options.isolation ?? 'read_uncommitted');
  const columns = new RecordColumns(options.capacity ?? 4096);
  const rows: ReadRecord[] = [];
  reader.open(from);
  while (reader.read(columns)) {
    for (let row = 0; row < columns.rowCount; row++) {
      const headers = readHeaders(columns, row).map((header) => ({ key: header.key, value: owned(header.value) }));
      const cells = { key: owned(columns.key(row)), value: owned(columns.value(row)), timestampMs: columns.timestamp[row]!, headers };
      rows.push({ offset: columns.offset[row]!, ...cells });
    }
  }
  return { rows, nextOffset: reader.nextOffset };
}

const owned = (bytes: Uint8Array | null): Uint8Array | null => (bytes === null ? null : new Uint8Array(bytes));
const offsetsOf = (from: FetchedPartition, isolation: IsolationLevel): number[] => readAll(from, { isolation }).rows.map((row) => row.offset);

beforeAll(prepareZstd);

describe('round trip', () => {
  const bytes = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null });
  const header = fc.record({ key: fc.string({ unit: 'grapheme', maxLength: 8 }), value: bytes });
  const timestampMs = fc.oneof(fc.integer({ min: -1, max: 1000 }), fc.integer({ min: 0, max: 4_000_000_000_000 }));
  const record = fc.record({ key: bytes, value: bytes, timestampMs, headers: fc.array(header, { maxLength: 3 }) });
  const batches = fc.array(fc.array(record, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 4 });

  test.each(compressionNames)('%s batches are read as they were written, however few rows are taken at a time', (compression) => {
    fc.assert(
      fc.property(batches, fc.integer({ min: 1, max: 30 }), fc.nat(1000), (contents, capacity, firstOffset) => {
        let offset = firstOffset;
        const parts = contents.map((records) => {
          const part = batchBytes(records, { baseOffset: offset, compression });
          offset += records.length;
          return part;
        });
        const answer = fetched(parts, { fetchOffset: firstOffset });
        const { rows, nextOffset } = readAll(answer, { capacity });
        const expected = contents.flat().map((item, index) => ({ ...item, offset: firstOffset + index }));
        expect(rows.map(plainRow)).toEqual(expected.map(plainRow));
        expect(nextOffset).toBe(offset);
        expect(offsetAfter(answer.records, firstOffset)).toBe(offset);
      }),
      { numRuns: 60 },
    );
  });

  const plainRow = ({ key, value, timestampMs, headers, offset }: ReadRecord) => ({ key, value, timestampMs, headers, offset });
});

describe('what a fetch may contain', () => {
  test('records before the asked offset are left out', () => {
    const answer = fetched([batchBytes([plain('a'), plain('b'), plain('c')], { baseOffset: 10 })], { fetchOffset: 12 });
    expect(readAll(answer)).toMatchObject({ rows: [{ offset: 12, value: text('c') }], nextOffset: 13 });
  });

  test('a batch cut off at any byte by the fetch size is left for the next fetch', () => {
    const first = batchBytes([plain('a')], { baseOffset: 0 });
    const second = batchBytes([plain('b')], { baseOffset: 1 });
    for (let length = 0; length < second.length; length++) {
      const answer = fetched([first, second.subarray(0, length)]);
      expect(readAll(answer)).toMatchObject({ rows: [{ offset: 0 }], nextOffset: 1 });
      expect(offsetAfter(answer.records, 0)).toBe(1);
    }
  });

  test('a batch emptied by compaction still moves the next offset', () => {
    const batch = batchBytes([plain('a'), plain('b')], { baseOffset: 5 });
    const empty = batch.slice(0, BatchPosition.records);
    const view = new DataView(empty.buffer);
    view.setInt32(BatchPosition.batchLength, empty.length - 12);
    view.setInt32(BatchPosition.recordCount, 0);
    view.setUint32(BatchPosition.crc, crc32c(empty.subarray(CRC_COVERS_FROM)));
    expect(readAll(fetched([empty], { fetchOffset: 5 }))).toEqual({ rows: [], nextOffset: 7 });
  });

  test('log append time replaces the timestamps of the records', () => {
    const records = [
      { ...plain('a'), timestampMs: 5 },
      { ...plain('b'), timestampMs: 9 },
    ];
    const batch = batchBytes(records, { attributes: BatchAttribute.logAppendTime });
    expect(readAll(fetched([batch])).rows.map((row) => row.timestampMs)).toEqual([9, 9]);
  });

  test('reading stops before an end offset and goes on from there', () => {
    const gap = batchBytes([plain('e'), plain('f')], { baseOffset: 8 });
    const parts = [batchBytes([plain('a'), plain('b'), plain('c')], { baseOffset: 0 }), batchBytes([plain('d')], { baseOffset: 3 }), gap];
    const reader = new RecordBatchReader('read_uncommitted');
    const columns = new RecordColumns();
    const offsetsUntil = (offsetEnd: number): number[] => (reader.read(columns, offsetEnd) ? [...columns.offset.subarray(0, columns.rowCount)] : []);
    reader.open(fetched(parts));
    expect([offsetsUntil(0), reader.nextOffset]).toEqual([[], 0]);
    expect([offsetsUntil(2), reader.nextOffset]).toEqual([[0, 1], 2]);
    expect([offsetsUntil(2), reader.nextOffset]).toEqual([[], 2]);
    // Offsets 4 to 7 do not exist: everything before 6 has been read, so 6 is reached.
    expect([offsetsUntil(6), reader.nextOffset]).toEqual([[2, 3], 6]);
    expect([offsetsUntil(9), reader.nextOffset, reader.exhausted]).toEqual([[8], 9, false]);
    expect([offsetsUntil(99), reader.nextOffset, reader.exhausted]).toEqual([[9], 10, true]);
  });

  test('uncompressed batches are not copied', () => {
    const answer = fetched([batchBytes([plain('a')]), batchBytes([plain('b')], { baseOffset: 1 })]);
    const reader = new RecordBatchReader('read_uncommitted');
    const columns = new RecordColumns();
    reader.open(answer);
    expect(reader.read(columns)).toBe(true);
    expect(columns.rowCount).toBe(2);
    expect(columns.data).toBe(answer.records);
  });
});

describe('damage', () => {
  test('every flipped bit of a batch is detected, and the rows before it are delivered', () => {
    const good = batchBytes([plain('a')], { baseOffset: 0 });
    const victim = batchBytes([plain('value')], { baseOffset: 1 });
    for (let position = BatchPosition.magic; position < victim.length; position++) {
      const damaged = victim.slice();
      damaged[position]! ^= 1 << (position % 8);
      const reader = new RecordBatchReader('read_committed');
      const columns = new RecordColumns();
      reader.open(fetched([good, damaged]));
      expect(reader.read(columns)).toBe(true);
      expect(columns.rowCount).toBe(1);
      expect(() => reader.read(columns)).toThrow(DamagedBatchError);
      expect(reader.nextOffset).toBe(1);
    }
  });

  test('the error names topic, partition, offset and both checksums', () => {
    const damaged = batchBytes([plain('a')], { baseOffset: 41 });
    damaged[damaged.length - 1]! ^= 1;
    const error = thrown(() => readAll(fetched([damaged], { fetchOffset: 41 })));
    expect(error).toMatchObject({
      code: 'XX001',
      class: 'external',
      message: 'damaged record batch in Kafka topic "t", partition 3, offset 41',
      place: { topic: 't', partition: 3, offset: 41 },
    });
    expect((error as DamagedBatchError).detail).toMatch(/^checksum is [0-9a-f]{8}, expected [0-9a-f]{8}$/);
  });

  test('records that contradict their batch are damage even under a valid checksum', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (garbage) => {
        const batch = Buffer.concat([batchBytes([plain('a')]).subarray(0, BatchPosition.records), garbage]);
        batch.writeInt32BE(batch.length - 12, BatchPosition.batchLength);
        batch.writeInt32BE(100, BatchPosition.recordCount);
        batch.writeUInt32BE(crc32c(batch.subarray(CRC_COVERS_FROM)), BatchPosition.crc);
        expect(() => readAll(fetched([batch]))).toThrow(DamagedBatchError);
      }),
      { numRuns: 200 },
    );
  });

  test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('%s data that does not inflate is damage', (compression) => {
    const batch = batchBytes([plain('a')], { attributes: compressionNames.indexOf(compression) });
    expect(() => readAll(fetched([batch]))).toThrow(DamagedBatchError);
  });

  function thrown(action: () => unknown): unknown {
    try {
      action();
    } catch (error) {
      return error;
    }
    throw new Error('nothing was thrown');
  }
});

describe('read_committed', () => {
  const transactional = { attributes: BatchAttribute.transactional };
  const abort = 0;
  const commit = 1;

  test('overlapping aborted transactions, listed in the order they ended', () => {
    const parts = [
      batchBytes([plain('a')], { ...transactional, producerId: 1n, baseOffset: 0 }),
      batchBytes([plain('b')], { ...transactional, producerId: 2n, baseOffset: 1 }),
      controlBatch(2n, 2, abort),
      controlBatch(1n, 3, abort),
      batchBytes([plain('END')], { baseOffset: 4 }),
    ];
    const aborted = [
      { producerId: 2n, firstOffset: 1 },
      { producerId: 1n, firstOffset: 0 },
    ];
    expect(offsetsOf(fetched(parts, { aborted }), 'read_committed')).toEqual([4]);
    expect(offsetsOf(fetched(parts, { aborted }), 'read_uncommitted')).toEqual([0, 1, 4]);
  });

  test('a user key that looks like an abort marker does not end the transaction', () => {
    const lookalike = { ...plain('x'), key: new Uint8Array(4) };
    const parts = [
      batchBytes([lookalike], { ...transactional, producerId: 1n, baseOffset: 0 }),
      batchBytes([plain('a')], { ...transactional, producerId: 1n, baseOffset: 1 }),
      controlBatch(1n, 2, abort),
    ];
    const aborted = [{ producerId: 1n, firstOffset: 0 }];
    expect(readAll(fetched(parts, { aborted }), { isolation: 'read_committed' })).toEqual({ rows: [], nextOffset: 3 });
  });

  test('a producer that aborts and then commits loses only the aborted part', () => {
    const parts = [
      batchBytes([plain('a')], { ...transactional, producerId: 1n, baseOffset: 0 }),
      controlBatch(1n, 1, abort),
      batchBytes([plain('b')], { ...transactional, producerId: 1n, baseOffset: 2 }),
      controlBatch(1n, 3, commit),
    ];
    const answer = fetched(parts, { aborted: [{ producerId: 1n, firstOffset: 0 }] });
    expect(readAll(answer, { isolation: 'read_committed' })).toMatchObject({ rows: [{ offset: 2 }], nextOffset: 4 });
  });
});
