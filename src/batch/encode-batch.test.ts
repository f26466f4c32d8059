import { describe, expect, it } from 'vitest';
import { seededRandom } from '../base/index.ts';
import type { Datum, SqlType } from '../types/index.ts';
import type { Batch } from './batch.ts';
import { batchFromRows } from './batch-builder.ts';
import { BytesColumn } from './column.ts';
import { decodeBatch, encodeBatch, encodedSize, readBatchFrom, writeBatchTo } from './encode-batch.ts';
import { compactBatch, concatBatches, gatherBatch, projectBatch, sliceBatch } from './gather.ts';
import { orderByTarget } from './order-by-target.ts';
import { rowsOf } from './read-datum.ts';

const TYPES: SqlType[] = [
  { kind: 'int8' },
  { kind: 'text' },
  { kind: 'float8' },
  { kind: 'bool' },
  { kind: 'bytea' },
  { kind: 'timestamp', precision: 3 },
  { kind: 'int4' },
];

function randomRows(count: number, seed: number): (Datum | null)[][] {
  const random = seededRandom(seed);
  const text = (): string => 'aé😀-'.repeat(random.nextInt(20)).slice(random.nextInt(2));
  return Array.from({ length: count }, () => [
    random.nextInt(5) === 0 ? null : BigInt.asIntN(64, (BigInt(random.nextUint32()) << 32n) | BigInt(random.nextUint32())),
    random.nextInt(5) === 0 ? null : text().toWellFormed(),
    random.nextFloat() * 1e9 - 5e8,
    random.nextInt(2) === 0,
    Uint8Array.from({ length: random.nextInt(80) }, () => random.nextInt(256)),
    BigInt(random.nextUint32()) * -1000n,
    random.nextUint32() | 0,
  ]);
}

const pick = (rows: readonly unknown[], selection: Int32Array): unknown[] => [...selection].map((row) => rows[row]);

function finished<Result>(steps: Iterator<void, Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

describe('encodeBatch', () => {
  it('comes back the same, with nulls, weights and every storage', () => {
    for (const count of [0, 1, 7, 500]) {
      const rows = randomRows(count, count);
      const weights = rows.map((_, row) => (row % 3 === 0 ? -1 : 2));
      for (const batch of [batchFromRows(TYPES, rows), batchFromRows(TYPES, rows, weights)]) {
        const bytes = encodeBatch(batch);
        expect(bytes.length).toBe(encodedSize(batch));
        expect(bytes.length % 8).toBe(0);
        const decoded = decodeBatch(bytes);
        expect(rowsOf(decoded)).toEqual(rows);
        expect(decoded.weights === null ? null : [...decoded.weights]).toEqual(batch.weights === null ? null : [...batch.weights]);
        expect(decoded.columns.map((column) => column.type)).toEqual(TYPES);
        expect(rowsOf(decodeBatch(Buffer.concat([Buffer.from('abc'), bytes]).subarray(3)))).toEqual(rows);
      }
    }
  });

  it('writes into and copies out of shared memory', () => {
    const ring = new Uint8Array(new SharedArrayBuffer(1 << 16));
    const rows = randomRows(40, 3);
    const written = writeBatchTo(batchFromRows(TYPES, rows), ring, 4096);
    const decoded = readBatchFrom(ring, 4096);
    ring.fill(0xee);
    expect(written % 8).toBe(0);
    expect(rowsOf(decoded)).toEqual(rows);
    expect(decoded.columns.every((column) => !(column.storage === 'bytes' && column.data.buffer instanceof SharedArrayBuffer))).toBe(true);
  });

  it('sends only the text referred to', () => {
    const data = new Uint8Array(100_000).fill(97);
    const column = new BytesColumn({ kind: 'text' }, { data, starts: Int32Array.of(5, 50_000), ends: Int32Array.of(8, 50_001), valid: null });
    const batch = { rowCount: 2, columns: [column], weights: null } as Batch;
    expect(encodeBatch(batch).length).toBeLessThan(200);
    expect(rowsOf(compactBatch(batch))).toEqual([['aaa'], ['a']]);
    expect((compactBatch(batch).columns[0] as BytesColumn).data.buffer.byteLength).toBe(4);
  });

  it('says so when bytes are missing or sizes are wrong', () => {
    const bytes = encodeBatch(batchFromRows(TYPES, randomRows(9, 1)));
    for (let length = 0; length < bytes.length; length += 8) expect(() => decodeBatch(bytes.slice(0, length))).toThrow(/damaged/);
    const random = seededRandom(5);
    for (let round = 0; round < 2000; round++) {
      const damaged = bytes.slice();
      damaged[random.nextInt(damaged.length)]! ^= 1 << random.nextInt(8);
      try {
        rowsOf(decodeBatch(damaged));
      } catch (error) {
        expect(String(error)).not.toMatch(/out of memory|Maximum call stack/);
      }
    }
  });
});

describe('gathering', () => {
  it('gathers, slices, projects, concatenates and compacts like arrays of rows', () => {
    const rows = randomRows(300, 11);
    const weights = rows.map((_, row) => (row % 2 === 0 ? 1 : -1));
    const batch = batchFromRows(TYPES, rows, weights);
    const selection = Int32Array.of(299, 0, 0, 17, 250);
    const gathered = gatherBatch(batch, selection, 5);
    expect(rowsOf(gathered)).toEqual(pick(rows, selection));
    expect([...gathered.weights!]).toEqual(pick(weights, selection));
    expect(rowsOf(sliceBatch(batch, 10, 20))).toEqual(rows.slice(10, 20));
    expect([...sliceBatch(batch, 10, 20).weights!]).toEqual(weights.slice(10, 20));
    expect(rowsOf(projectBatch(batch, [3, 1]))).toEqual(rows.map((row) => [row[3], row[1]]));
    const parts = [sliceBatch(batch, 0, 100), gathered, sliceBatch(batch, 299, 300)];
    const whole = concatBatches(parts);
    expect(rowsOf(whole)).toEqual(parts.flatMap((part) => rowsOf(part)));
    expect([...whole.weights!]).toEqual(parts.flatMap((part) => [...part.weights!]));
    expect(rowsOf(compactBatch(sliceBatch(batch, 5, 9)))).toEqual(rows.slice(5, 9));
  });

  it('orders rows by target, each in one piece', () => {
    const random = seededRandom(13);
    const rows = randomRows(500, 12);
    const batch = batchFromRows(TYPES, rows);
    const targets = Int32Array.from(rows, () => random.nextInt(7));
    for (const source of [
      batch,
      decodeBatch(encodeBatch(batch)),
      gatherBatch(batch, Int32Array.from(rows, (_, row) => row).reverse(), rows.length),
    ]) {
      const all = rowsOf(source);
      const { batch: ordered, offsets } = finished(orderByTarget(source, targets, 8));
      for (let target = 0; target < 8; target++) {
        const expected = all.filter((_, row) => targets[row] === target);
        const part = sliceBatch(ordered, offsets[target]!, offsets[target + 1]!);
        expect(rowsOf(part)).toEqual(expected);
        expect(rowsOf(decodeBatch(encodeBatch(part)))).toEqual(expected);
      }
    }
  });

  it('returns a frame whose columns share one buffer as it is, and copies a part of one', () => {
    const frame = decodeBatch(encodeBatch(batchFromRows(TYPES, randomRows(500, 14))));
    compactBatch(frame).columns.forEach((column, index) => {
      expect(column).toBe(frame.columns[index]);
    });
    const part = compactBatch(sliceBatch(frame, 0, 200));
    part.columns.forEach((column, index) => {
      expect(column).not.toBe(frame.columns[index]);
    });
    expect(rowsOf(part)).toEqual(rowsOf(frame).slice(0, 200));
  });

  it('returns a tight column as it is', () => {
    const batch = batchFromRows(
      [{ kind: 'int8' }],
      Array.from({ length: 64 }, (_, row) => [BigInt(row)]),
    );
    expect(compactBatch(batch).columns[0]).toBe(batch.columns[0]);
  });
});
