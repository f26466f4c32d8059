import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { batchFromRows, readDatum } from '../../batch/index.ts';
import type { AggregateDefinition } from '../../spi/index.ts';
import { type Datum, formatDatum, type SqlType } from '../../types/index.ts';
import { aggregateFunctions } from './index.ts';

function find(signature: string): AggregateDefinition {
  const definition = aggregateFunctions.find((candidate) => candidate.signature === signature);
  if (definition === undefined) throw new Error(`no ${signature}`);
  return definition;
}

type Values = readonly (Datum | null)[];

/** The aggregate's text over values with weights, by its accumulator. */
function aggregate(
  signature: string,
  type: SqlType,
  values: Values,
  options: { weights?: readonly number[]; appendOnly?: boolean } = {},
): string | null {
  const definition = find(signature);
  const resultType = typeof definition.resultType === 'function' ? definition.resultType([type]) : definition.resultType;
  const accumulator = definition.createAccumulator({ argumentTypes: [type], resultType, appendOnly: options.appendOnly ?? false });
  accumulator.ensureCapacity(3);
  const batch = batchFromRows(
    [type],
    values.map((value) => [value]),
    options.weights,
  );
  const groups = new Int32Array(values.length).fill(2);
  accumulator.update({ rowCount: values.length, groups, args: batch.columns, weights: batch.weights });
  let failure: unknown = null;
  const column = accumulator.result(Int32Array.of(2), 1, (_position, error) => {
    failure = error;
  });
  if (failure !== null) throw failure;
  const value = readDatum(column, 0);
  return value === null ? null : formatDatum(resultType, value);
}

const int2: SqlType = { kind: 'int2' };
const int4: SqlType = { kind: 'int4' };
const int8: SqlType = { kind: 'int8' };
const float4: SqlType = { kind: 'float4' };
const float8: SqlType = { kind: 'float8' };
const text: SqlType = { kind: 'text' };
const numeric: SqlType = { kind: 'numeric', precision: null, scale: null };
const max8 = 2n ** 63n - 1n;

/** Results as PostgreSQL 18 prints them. */
test.each<[string, SqlType, Values, string | null]>([
  ['sum(int2) -> int8', int2, [1, 2, null], '3'],
  ['sum(int4) -> int8', int4, [2_147_483_647, 2_147_483_647], '4294967294'],
  ['sum(int4) -> int8', int4, [null], null],
  ['sum(int8) -> numeric', int8, [max8, max8, max8], '27670116110564327421'],
  ['sum(int8) -> numeric', int8, [-max8 - 1n, -max8 - 1n], '-18446744073709551616'],
  [
    'sum(numeric) -> numeric',
    numeric,
    [
      { mantissa: 150n, scale: 2 },
      { mantissa: 2n, scale: 0 },
    ],
    '3.50',
  ],
  ['sum(float8) -> float8', float8, [1e100, 1, -1e100], '1'],
  ['sum(float8) -> float8', float8, [0.1, 0.2, 0.3], '0.6'],
  ['sum(float8) -> float8', float8, [Number.POSITIVE_INFINITY, 1], 'Infinity'],
  ['sum(float8) -> float8', float8, [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], 'NaN'],
  ['sum(float4) -> float4', float4, [0.5, 0.25], '0.75'],
  ['avg(int4) -> numeric', int4, [1, 2], '1.5000000000000000'],
  ['avg(int8) -> numeric', int8, [1n, 2n, 2n], '1.6666666666666667'],
  ['avg(int8) -> numeric', int8, [100_000n, 100_001n], '100000.500000000000'],
  ['avg(float8) -> float8', float8, [1, 2], '1.5'],
  [
    'avg(numeric) -> numeric',
    numeric,
    [
      { mantissa: 10n, scale: 1 },
      { mantissa: 25n, scale: 1 },
    ],
    '1.7500000000000000',
  ],
  ['max(int8) -> int8', int8, [2_147_483_647n, 4_294_967_295n, 2_147_483_648n], '4294967295'],
  ['min(int8) -> int8', int8, [2_147_483_648n, 2_147_483_647n, 4_294_967_295n], '2147483647'],
  ['max(int8) -> int8', int8, [-4_294_967_297n, -2_147_483_648n, -2_147_483_649n], '-2147483648'],
  ['max(float8) -> float8', float8, [1, Number.NaN, Number.POSITIVE_INFINITY], 'NaN'],
  ['min(text) -> text', text, ['b', 'B', 'ä'], 'B'],
  ['variance(int4) -> numeric', int4, [1, 3], '2.0000000000000000'],
  ['stddev_samp(int4) -> numeric', int4, [1, 3], '1.4142135623730950'],
  ['var_pop(float8) -> float8', float8, [1, 3], '1'],
  ['stddev(float8) -> float8', float8, [5], null],
  ['stddev_pop(int4) -> numeric', int4, [5], '0'],
  ['bit_xor(int4) -> int4', int4, [6, 3], '5'],
  ['array_agg(any) -> array', int4, [2, null, -1, 2], '{-1,2,2,NULL}'],
])('%s over %j', (signature, type, values, result) => {
  for (const appendOnly of [false, true]) expect(aggregate(signature, type, values, { appendOnly })).toBe(result);
});

test('integer sums are exact for any weights', () => {
  const random = seededRandom(3);
  const values = Array.from({ length: 500 }, () =>
    random.nextInt(3) === 0 ? max8 - BigInt(random.nextInt(9)) : -BigInt(random.nextUint32()) * 65_537n,
  );
  for (const scale of [1, 1000, 2_000_000_000]) {
    const weights = values.map(() => (1 + random.nextInt(scale)) * (random.nextInt(2) === 0 ? 1 : -1));
    const exact = values.reduce((sum, value, index) => sum + value * BigInt(weights[index]!), 0n);
    const present = weights.reduce((sum, weight) => sum + weight, 0);
    if (present !== 0) expect(aggregate('sum(int8) -> numeric', int8, values, { weights })).toBe(String(exact));
  }
});

test('a sum of millions of the largest integer carries into its third limb', () => {
  const accumulator = find('sum(int8) -> numeric').createAccumulator({ argumentTypes: [int8], resultType: numeric, appendOnly: true });
  accumulator.ensureCapacity(1);
  const batch = batchFromRows([int8], [[max8]], [1_000_000]);
  for (let repeat = 0; repeat < 5000; repeat++) {
    accumulator.update({ rowCount: 1, groups: Int32Array.of(0), args: batch.columns, weights: batch.weights });
  }
  const column = accumulator.result(Int32Array.of(0), 1, () => undefined);
  expect(readDatum(column, 0)).toEqual({ mantissa: max8 * 5_000_000_000n, scale: 0 });
});

test('a float sum forgets what was retracted, whatever the order', () => {
  const random = seededRandom(9);
  for (let round = 0; round < 100; round++) {
    const kept = Array.from({ length: 1 + random.nextInt(4) }, () => (random.nextFloat() - 0.5) * 10 ** (random.nextInt(40) - 20));
    const passing = Array.from({ length: random.nextInt(8) }, () =>
      random.nextInt(10) === 0 ? Number.POSITIVE_INFINITY : (random.nextFloat() - 0.5) * 10 ** (random.nextInt(60) - 30),
    );
    const weight = 1 + random.nextInt(5);
    const values = [...passing, ...kept, ...passing];
    const weights = [...passing.map(() => weight), ...kept.map(() => 1), ...passing.map(() => -weight)];
    expect(aggregate('sum(float8) -> float8', float8, values, { weights })).toBe(aggregate('sum(float8) -> float8', float8, kept));
    expect(aggregate('var_pop(float8) -> float8', float8, values, { weights })).toBe(aggregate('var_pop(float8) -> float8', float8, kept));
  }
});

describe('state', () => {
  const samples: readonly [SqlType, (random: ReturnType<typeof seededRandom>) => Datum | null][] = [
    [int4, (random) => (random.nextInt(4) === 0 ? null : random.nextInt(9) - 4)],
    [int8, (random) => (random.nextInt(4) === 0 ? max8 : BigInt(random.nextInt(9) - 4))],
    [float8, (random) => [0.1, 1e300, -1e-300, Number.NaN, 7][random.nextInt(5)]!],
    [text, (random) => ['a', 'b', null, ''][random.nextInt(4)]!],
    [numeric, (random) => ({ mantissa: BigInt(random.nextInt(99)), scale: random.nextInt(3) })],
    [{ kind: 'interval' }, (random) => ({ months: random.nextInt(3), days: random.nextInt(3), micros: BigInt(random.nextInt(3)) })],
    [{ kind: 'bool' }, (random) => [true, false, null][random.nextInt(3)]!],
  ];
  const taking = (type: SqlType): AggregateDefinition[] =>
    aggregateFunctions.filter((one) => one.argumentTypes.length === 1 && [type.kind, 'unknown'].includes(one.argumentTypes[0]!.kind));

  test.each(samples.flatMap(([type, make]) => taking(type).map((definition) => ({ definition, type, make }))))(
    '$definition.signature over $type.kind: save and load, or merge, give the same result',
    ({ definition, type, make }) => {
      const random = seededRandom(4);
      const rows = Array.from({ length: 30 }, () => [make(random)]);
      const resultType = typeof definition.resultType === 'function' ? definition.resultType([type]) : definition.resultType;
      for (const appendOnly of [true, false]) {
        const create = () => {
          const accumulator = definition.createAccumulator({ argumentTypes: [type], resultType, appendOnly });
          accumulator.ensureCapacity(2);
          return accumulator;
        };
        const feed = (accumulator: ReturnType<typeof create>, part: typeof rows): void => {
          const batch = batchFromRows([type], part);
          accumulator.update({ rowCount: part.length, groups: new Int32Array(part.length).fill(1), args: batch.columns, weights: null });
        };
        const only = Int32Array.of(1);
        const result = (accumulator: ReturnType<typeof create>) =>
          readDatum(
            accumulator.result(only, 1, () => undefined),
            0,
          );
        const [whole, left, right, loaded] = [create(), create(), create(), create()];
        feed(whole, rows);
        feed(left, rows.slice(0, 12));
        feed(right, rows.slice(12));
        const saved = left.save(only, 1);
        expect(saved.map((column) => column.type)).toEqual(left.stateTypes);
        loaded.load(only, 1, saved);
        expect(result(loaded)).toEqual(result(left));
        feed(loaded, rows.slice(12));
        left.merge(only, 1, right.save(only, 1));
        expect(result(loaded)).toEqual(result(whole));
        expect(result(left)).toEqual(result(whole));
        whole.reset(1);
        expect(result(whole)).toEqual(result(create()));
      }
    },
  );
});

test('signatures are unique', () => {
  expect(new Set(aggregateFunctions.map((one) => one.signature)).size).toBe(aggregateFunctions.length);
});
