import { expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { rowsOf } from '../../batch/index.ts';
import { int8Type, textType } from '../../types/index.ts';
import { OperatorHarness, type Row, RowSet } from '../testing/index.ts';
import { windowAssignFactory } from './operator.ts';
import { windowAssignSpecCodec } from './spec.ts';

const timestampType = { kind: 'timestamp', precision: 6 } as const;
const window = { kind: 'hop', slideMicros: 20n, sizeMicros: 100n, offsetMicros: 7n } as const;

/** Windows and other columns of some epochs of rows, the time left out, and how many rows they came as. */
function assigned(batches: readonly Row[][], combine: boolean): { lines: string[]; rows: number } {
  const parameters = windowAssignSpecCodec.encode({ timeColumn: 1, window, combine });
  const harness = new OperatorHarness(windowAssignFactory, parameters, { inputs: [[int8Type, timestampType, textType]], appendOnly: true });
  const all = new RowSet();
  let rows = 0;
  for (const batch of batches) {
    harness.rows(0, batch);
    harness.barrier();
    for (const emitted of harness.emitted) {
      rows += emitted.rowCount;
      rowsOf(emitted).forEach((row, index) => {
        all.add([row[0]!, ...row.slice(2)], emitted.weights === null ? 1 : emitted.weights[index]!);
      });
    }
  }
  return { lines: all.lines(), rows };
}

test('combined rows lie in the same windows with the same weight, below 1970 and at infinity too', () => {
  const random = seededRandom(1);
  const time = (): bigint => (random.nextInt(20) === 0 ? 9_223_372_036_854_775_807n : BigInt(random.nextInt(300) - 150));
  const few = Array.from({ length: 8 }, () =>
    Array.from({ length: 500 }, (): Row => [BigInt(random.nextInt(2)), time(), random.nextInt(3) === 0 ? null : 'x']),
  );
  const plain = assigned(few, false);
  const combined = assigned(few, true);
  expect(combined.lines).toEqual(plain.lines);
  expect(combined.rows).toBeLessThan(plain.rows / 2);
});

test('rows that are hardly ever alike, and times that are NULL, are left alone', () => {
  const unlike = Array.from({ length: 3 }, (_, batch) => Array.from({ length: 100 }, (_row, row): Row => [BigInt(batch * 100 + row), 5n, null]));
  expect(assigned(unlike, true)).toEqual(assigned(unlike, false));
  const withNull: Row[][] = [
    [
      [1n, null, 'x'],
      [1n, 5n, 'x'],
      [1n, 5n, 'x'],
      [1n, 5n, 'x'],
    ],
  ];
  expect(assigned(withNull, true)).toEqual(assigned(withNull, false));
});
