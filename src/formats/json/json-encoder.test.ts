import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { batchFromRows, sliceBatch } from '../../batch/index.ts';
import type { EncodedRows } from '../../spi/index.ts';
import { type Datum, numericType, type SqlType } from '../../types/index.ts';
import { JsonEncoder } from './json-encoder.ts';
import { JsonRowEncoder } from './json-row-encoder.ts';

type Make = (random: Random) => Datum;

/** Of any number of digits, and the ends of the range. */
function randomInteger(random: Random): bigint {
  if (random.nextInt(20) === 0) return random.nextInt(2) === 0 ? -(2n ** 63n) : 2n ** 63n - 1n;
  const digits = BigInt(random.nextInt(2 ** 31)) * BigInt(random.nextInt(2 ** 31)) * 3n + BigInt(random.nextInt(2 ** 31));
  const value = digits % 10n ** BigInt(random.nextInt(19));
  return random.nextInt(2) === 0 ? value : -value;
}

function randomText(random: Random): string {
  const pieces = ['plain', 'a longer piece of plain text', '"', '\\', '\n', '\u0000', '\u001f\u0007', '\u007f', 'é', '😀', '\b\t\f\r', ''];
  return Array.from({ length: random.nextInt(5) }, () => pieces[random.nextInt(pieces.length)]!).join('');
}

const DAY = 86_400_000_000n;
/** Years 1 to 9999, mostly of one day; with a fraction or without. */
function randomTimestamp(random: Random): bigint {
  const days = random.nextInt(3) === 0 ? BigInt(random.nextInt(3_652_059)) - 719_162n : 19_700n;
  const fraction = [0n, 500_000n, 1n, 123_456n, 999_999n][random.nextInt(5)]!;
  return days * DAY + BigInt(random.nextInt(86_400)) * 1_000_000n + fraction;
}

const KINDS: readonly (readonly [SqlType, Make])[] = [
  [{ kind: 'int8' }, randomInteger],
  [{ kind: 'int4' }, (random) => Number(BigInt.asIntN(32, randomInteger(random)))],
  [{ kind: 'int2' }, (random) => Number(BigInt.asIntN(16, randomInteger(random)))],
  [{ kind: 'bool' }, (random) => random.nextInt(2) === 0],
  [{ kind: 'text' }, randomText],
  [{ kind: 'text' }, randomText],
  [{ kind: 'varchar', length: 200 }, randomText],
  [{ kind: 'jsonb' }, (random) => `{"k": ${random.nextInt(100)}}`],
  [{ kind: 'timestamp', precision: 6 }, randomTimestamp],
  [{ kind: 'timestamptz', precision: 6 }, randomTimestamp],
  [{ kind: 'date' }, (random) => random.nextInt(40_000)],
  [{ kind: 'float8' }, (random) => [0.1, -0, Number.NaN, 1e300][random.nextInt(4)]!],
  [numericType, (random) => ({ mantissa: BigInt(random.nextInt(5000)), scale: 2 })],
  [{ kind: 'bytea' }, (random) => Uint8Array.of(random.nextInt(256))],
  [{ kind: 'array', element: { kind: 'int4' } }, (random) => ({ elements: [random.nextInt(9), null] })],
];

const contentOf = ({ data, starts, ends }: EncodedRows): string[] => [
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1'),
  starts.join(),
  ends.join(),
];

describe('JsonEncoder', () => {
  it('writes the bytes its twin writes, of any types, NULLs and numbers of rows', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = seededRandom(seed);
        const kinds = Array.from({ length: 1 + random.nextInt(7) }, () => KINDS[random.nextInt(KINDS.length)]!);
        const columns = kinds.map(([type], index) => ({
          name: `${['key', 'ke"y é', 'a rather long key, longer than a piece'][index % 3]}${index}`,
          type,
        }));
        const options = { isoTimestamps: random.nextInt(2) === 0, ignoreNullFields: random.nextInt(2) === 0 };
        const encoder = new JsonEncoder(columns, options);
        const rare = kinds.map(() => [1, 3, 0, 0][random.nextInt(4)]!);
        for (const rowCount of [256, 0, random.nextInt(256), 300 + random.nextInt(1500)]) {
          const rows = Array.from({ length: rowCount + 200 }, () =>
            kinds.map(([, make], index) => (rare[index]! > 0 && random.nextInt(rare[index]!) === 0 ? null : make(random))),
          );
          const types = kinds.map(([type]) => type);
          // A slice in the middle of its buffers, and short of their end.
          const batch = sliceBatch(batchFromRows(types, rows), 100, 100 + rowCount);
          expect(contentOf(encoder.encode(batch))).toEqual(contentOf(new JsonRowEncoder(columns, options).encode(batch)));
        }
      }),
      { seed: 11, numRuns: 30 },
    );
  });

  it('leaves timestamps beyond the year 9999, infinities and texts strewn over a large buffer as they are', () => {
    const columns = [
      { name: 'at', type: { kind: 'timestamp', precision: 6 } as SqlType },
      { name: 'text', type: { kind: 'text' } as SqlType },
    ];
    const options = { isoTimestamps: true, ignoreNullFields: false };
    const types = columns.map((column) => column.type);
    for (const at of [253_402_300_800_000_000n, -62_135_596_800_000_001n, 2n ** 63n - 1n, 0n]) {
      const whole = batchFromRows(
        types,
        Array.from({ length: 400 }, (_, row) => [row === 300 ? at : 0n, `text ${row}${row % 8 === 7 ? 'x'.repeat(2000) : ''}`]),
      );
      const strewn = { ...whole, columns: whole.columns, rowCount: 400, weights: null };
      const text = whole.columns[1]!;
      if (text.storage === 'bytes') for (let row = 7; row < 400; row += 8) text.ends[row] = text.starts[row]! + 3;
      expect(contentOf(new JsonEncoder(columns, options).encode(strewn))).toEqual(contentOf(new JsonRowEncoder(columns, options).encode(strewn)));
    }
  });
});
