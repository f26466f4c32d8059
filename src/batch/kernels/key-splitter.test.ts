import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { type Datum, numericType, type SqlType } from '../../types/index.ts';
import { Batch } from '../batch.ts';
import { batchFromRows } from '../batch-builder.ts';
import type { Column } from '../column.ts';
import { sliceBatch } from '../gather.ts';
import { keyColumns } from '../key-columns.ts';
import { splitByKey } from '../split-by-key.ts';
import { KeySplitter } from './key-splitter.ts';

type Make = (random: Random) => Datum;

const bits = (random: Random): bigint =>
  (BigInt(random.nextInt(2 ** 31)) << 33n) ^ (BigInt(random.nextInt(2 ** 31)) << 10n) ^ BigInt(random.nextInt(1024));
const KINDS: readonly (readonly [SqlType, Make])[] = [
  [{ kind: 'bool' }, (random) => random.nextInt(2) === 1],
  [{ kind: 'int2' }, (random) => random.nextInt(65_536) - 32_768],
  [{ kind: 'int4' }, (random) => random.nextInt(2 ** 31) - 2 ** 30],
  [{ kind: 'int8' }, (random) => BigInt.asIntN(64, bits(random))],
  [{ kind: 'float4' }, (random) => Math.fround(random.nextInt(1000) / 7)],
  [{ kind: 'float8' }, (random) => [0, -0, Number.NaN, 1.5, -1e300, Number.POSITIVE_INFINITY][random.nextInt(6)]!],
  [{ kind: 'date' }, (random) => random.nextInt(40_000) - 20_000],
  [{ kind: 'time', precision: 6 }, (random) => BigInt(random.nextInt(86_400)) * 1_000_000n],
  [{ kind: 'timestamp', precision: 3 }, (random) => BigInt(random.nextInt(2 ** 31)) * 1000n],
  [{ kind: 'timestamptz', precision: 6 }, (random) => BigInt(random.nextInt(2 ** 31)) * 1000n],
  [{ kind: 'text' }, (random) => 'é'.repeat(random.nextInt(2)) + 'x'.repeat(random.nextInt(9))],
  [{ kind: 'bytea' }, (random) => Uint8Array.of(random.nextInt(256), random.nextInt(256))],
  [numericType, (random) => ({ mantissa: BigInt(random.nextInt(50)) * 10n, scale: 1 })],
];

const bytesOf = (array: Float64Array | Int32Array | Uint8Array | null): string | null =>
  array === null ? null : Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('latin1');

const numbers = new WeakMap<Uint8Array, number>();
let numbered = 0;

/** The same for the same buffer only. */
function dataNumber(data: Uint8Array): number {
  const known = numbers.get(data);
  if (known !== undefined) return known;
  numbers.set(data, numbered);
  return numbered++;
}

/** All arrays of a part as text, which is compared much faster; texts are not copied, so their data is that of the batch. */
function contentOf(part: Batch | null): unknown {
  const columnOf = (column: Column): unknown => {
    const { type, storage, valid } = column;
    if (storage !== 'bytes') return { type, slots: bytesOf(column.f64), valid: bytesOf(valid) };
    return { type, data: dataNumber(column.data), starts: bytesOf(column.starts), ends: bytesOf(column.ends), valid: bytesOf(valid) };
  };
  return part && { rowCount: part.rowCount, weights: bytesOf(part.weights), columns: part.columns.map(columnOf) };
}

/** Columns that begin somewhere in their buffers and are longer than the batch, as a slice of a scan's are. */
function randomBatch(random: Random, rowCount: number): Batch {
  const kinds = Array.from({ length: 1 + random.nextInt(6) }, () => KINDS[random.nextInt(KINDS.length)]!);
  const nullsIn = kinds.map(() => [1, 2, 40, 0, 0][random.nextInt(5)]!);
  const whole = batchFromRows(
    kinds.map(([type]) => type),
    Array.from({ length: rowCount + 5 }, () =>
      kinds.map(([, make], index) => (nullsIn[index]! > 0 && random.nextInt(nullsIn[index]!) === 0 ? null : make(random))),
    ),
  );
  const start = random.nextInt(3);
  const { columns } = sliceBatch(whole, start, rowCount + 5);
  return new Batch(rowCount, columns, random.nextInt(2) === 0 ? null : Int32Array.from({ length: rowCount }, () => random.nextInt(2) * 4 - 2));
}

describe('splitting by key', () => {
  test('in the kernels gives what the twin gives, bit for bit', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = seededRandom(seed);
        const distribution = { parallelism: 1 + random.nextInt(9), maxParallelism: [128, 128, 9, 1000, 32_768][random.nextInt(5)]! };
        const splitter = new KeySplitter(distribution);
        for (const rowCount of [512, 0, 1 + random.nextInt(600), 4096 + random.nextInt(4096), 511]) {
          const batch = randomBatch(random, rowCount);
          const indices = batch.columns.map((_, index) => index).filter((index) => index === 0 || random.nextInt(3) === 0);
          const keys = keyColumns(batch, indices);
          const found = splitter.split(batch, keys);
          const expected = splitByKey(batch, keys, distribution);
          expect(found.map((part) => part === batch)).toEqual(expected.map((part) => part === batch));
          expect(found.map(contentOf)).toEqual(expected.map(contentOf));
        }
      }),
      { seed: 3, numRuns: 60 },
    );
  });
});
