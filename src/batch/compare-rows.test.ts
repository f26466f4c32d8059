import { expect, test } from 'vitest';
import { seededRandom } from '../base/index.ts';
import { byteaType, float8Type, int8Type } from '../types/index.ts';
import { batchFromRows } from './batch-builder.ts';
import { compareRows, sortRows } from './compare-rows.ts';

test('the short cut of the first column keeps the order of compareRows', () => {
  const random = seededRandom(6);
  const big = 2n ** 62n;
  for (const [type, values] of [
    [int8Type, [5n, -3n, 0n, 7n, -(2n ** 40n), 2n ** 41n]],
    [int8Type, [null, 0n, -1n, big, big + 1n, big - 1n, -big, -big - 1n]],
    [int8Type, [null]],
    [float8Type, [null]],
    [float8Type, [null, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -1.5]],
    [
      byteaType,
      [null, new Uint8Array(0), Uint8Array.of(0), new Uint8Array(7), new Uint8Array(8), Uint8Array.of(255), Uint8Array.of(1, 2, 3, 4, 5, 6, 7)],
    ],
  ] as const) {
    const rows = Array.from({ length: 200 }, () => [values[random.nextInt(values.length)]!, BigInt(random.nextInt(4))]);
    const { columns } = batchFromRows([type, int8Type], rows);
    const all = Int32Array.from(rows, (_, row) => row);
    const expected = all.slice().sort((left, right) => compareRows(columns, left, right));
    expect([...sortRows(columns, all)]).toEqual([...expected]);
  }
});
