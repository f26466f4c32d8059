import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { int4Type, parseDatum, type SqlType, textType, timestampType } from '../../types/index.ts';
import { OperatorHarness, RandomChanges, type Row, RowSet, rowKey, TimedChanges } from '../testing/index.ts';
import { setOperationFactory } from './operator.ts';
import { type SetOperationSpec, setOperationSpecCodec } from './spec.ts';

const types: readonly SqlType[] = [int4Type, textType];

const timedTypes: readonly SqlType[] = [int4Type, timestampType];

const randomRow = (random: Random): Row => [
  random.nextInt(4) === 0 ? null : random.nextInt(3),
  random.nextInt(4) === 0 ? null : ['x', ''][random.nextInt(2)]!,
];

function expected({ operator, all }: SetOperationSpec, left: readonly Row[], right: readonly Row[]): string[] {
  const rest = new Map<string, number>();
  for (const row of right) rest.set(rowKey(row), (rest.get(rowKey(row)) ?? 0) + 1);
  const shown = new Set<string>();
  const result = new RowSet();
  for (const row of left) {
    const key = rowKey(row);
    const there = rest.get(key) ?? 0;
    if (all) rest.set(key, there - 1);
    else if (shown.has(key)) continue;
    shown.add(key);
    if (there > 0 === (operator === 'intersect')) result.add(row, 1);
  }
  return result.lines();
}

const specs: readonly SetOperationSpec[] = [
  { operator: 'intersect', all: false, expiry: null },
  { operator: 'intersect', all: true, expiry: null },
  { operator: 'except', all: false, expiry: null },
  { operator: 'except', all: true, expiry: null },
];

test.each(specs)('$operator (all: $all) is right at every epoch, restarts included', (spec) => {
  for (const seed of [1, 2, 3]) {
    const random = seededRandom(seed);
    const sides = [new RandomChanges(random, randomRow), new RandomChanges(random, randomRow)];
    const harness = new OperatorHarness(setOperationFactory, setOperationSpecCodec.encode(spec), { inputs: [types, types] });
    for (let epoch = 0; epoch < 40; epoch++) {
      for (let batch = random.nextInt(4); batch > 0; batch--) {
        const input = random.nextInt(2);
        const { rows, weights } = sides[input]!.next(1 + random.nextInt(8));
        harness.rows(input, rows, weights);
      }
      const checkpoint = random.nextInt(3) === 0;
      harness.barrier(checkpoint);
      expect(harness.content.lines(), `seed ${seed} epoch ${epoch}`).toEqual(expected(spec, sides[0]!.present, sides[1]!.present));
      if (checkpoint && random.nextInt(2) === 0) harness.restart();
    }
  }
});

test('a row that both inputs have lost leaves the state', () => {
  const spec: SetOperationSpec = { operator: 'except', all: true, expiry: null };
  const harness = new OperatorHarness(setOperationFactory, setOperationSpecCodec.encode(spec), { inputs: [types, types] });
  harness.rows(0, [[1, 'x']], [3]);
  harness.rows(1, [[1, 'x']], [1]);
  expect(harness.barrier(true)).toEqual(['[1,"x"] x2']);
  expect(harness.savedRows('rows')).toBe(1);
  harness.rows(0, [[1, 'x']], [-3]);
  harness.rows(1, [[1, 'x']], [-1]);
  expect(harness.barrier(true)).toEqual(['[1,"x"] x-2']);
  expect(harness.savedRows('rows')).toBe(0);
});

test('numbers of equal value are one row however they are written', () => {
  const spec: SetOperationSpec = { operator: 'intersect', all: false, expiry: null };
  const numericType: SqlType = { kind: 'numeric', precision: null, scale: null };
  const numeric: readonly SqlType[] = [numericType];
  const harness = new OperatorHarness(setOperationFactory, setOperationSpecCodec.encode(spec), { inputs: [numeric, numeric] });
  harness.rows(0, [[parseDatum(numericType, '1.0')]]);
  harness.rows(1, [[parseDatum(numericType, '1.00')]]);
  expect(harness.barrier()).toHaveLength(1);
});

test.each(specs)('$operator (all: $all) forgets rows the watermark has passed, and stays right', (spec) => {
  const timed: SetOperationSpec = { ...spec, expiry: { column: 1, clock: 'watermark', latenessMicros: 2_000_000n } };
  for (const seed of [1, 2, 3]) {
    const random = seededRandom(seed);
    const side = (): TimedChanges =>
      new TimedChanges(
        random,
        (random, time) => [random.nextInt(2), time],
        (row) => row[1] as bigint | null,
      );
    const sides = [side(), side()];
    const harness = new OperatorHarness(setOperationFactory, setOperationSpecCodec.encode(timed), { inputs: [timedTypes, timedTypes] });
    let watermark = 0n;
    for (let epoch = 0; epoch < 60; epoch++) {
      for (const input of [0, 1]) {
        // Rows up to the lateness behind the watermark are still in time.
        const { rows, weights } = sides[input]!.next(random.nextInt(6), watermark - 2_000_000n);
        harness.rows(input, rows, weights);
      }
      watermark += BigInt(random.nextInt(5)) * 1_000_000n;
      harness.watermark(watermark);
      const checkpoint = random.nextInt(3) === 0;
      harness.barrier(checkpoint);
      expect(harness.content.lines(), `seed ${seed} epoch ${epoch}`).toEqual(expected(timed, sides[0]!.present, sides[1]!.present));
      if (checkpoint && random.nextInt(2) === 0) harness.restart();
    }
    harness.watermark(watermark + 100_000_000n);
    harness.barrier(true);
    const timeless = sides.flatMap(({ present }) => present.filter((row) => row[1] === null).map(rowKey));
    expect(harness.savedRows('rows')).toBe(new Set(timeless).size);
  }
});
