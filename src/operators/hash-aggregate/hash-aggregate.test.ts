import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { aggregateFunctions } from '../../functions/aggregate/index.ts';
import { float8Type, int4Type, int8Type, type SqlType, textType } from '../../types/index.ts';
import type { AggregateCallSpec } from '../spec/index.ts';
import { OperatorHarness, RandomChanges, type Row, RowSet } from '../testing/index.ts';
import { hashAggregateFactory } from './operator.ts';
import { hashAggregateSpecCodec } from './spec.ts';

const inputs: readonly (readonly SqlType[])[] = [[int4Type, textType, int8Type, float8Type, { kind: 'bool' }, int4Type, float8Type]];

function call(signature: string, args: readonly number[], options: Partial<AggregateCallSpec> = {}): AggregateCallSpec {
  const definition = aggregateFunctions.find((candidate) => candidate.signature === signature);
  if (definition === undefined) throw new Error(`no ${signature}`);
  const types = args.map((arg) => inputs[0]![arg]!);
  const type = typeof definition.resultType === 'function' ? definition.resultType(types) : definition.resultType;
  return { signature, args, distinct: false, filter: null, orderBy: [], type, ...options };
}

const calls: readonly AggregateCallSpec[] = [
  call('count(*) -> int8', []),
  call('count(any) -> int8', [2]),
  call('sum(int8) -> numeric', [2]),
  call('sum(int4) -> int8', [0]),
  call('avg(int8) -> numeric', [2]),
  call('sum(float8) -> float8', [3]),
  call('min(int8) -> int8', [2]),
  call('max(text) -> text', [1]),
  call('max(float8) -> float8', [3]),
  call('count(any) -> int8', [2], { distinct: true }),
  call('sum(int8) -> numeric', [2], { filter: 4 }),
  call('array_agg(any) -> array', [1]),
  call('stddev_samp(float8) -> float8', [3]),
  call('bool_or(bool) -> bool', [4]),
  call('max_by(any, any) -> any', [1, 2]),
  call('first_value(any) -> any', [2], { orderBy: [{ column: 3, descending: true, nullsFirst: false }] }),
  call('last_value(any) -> any', [0], { orderBy: [{ column: 1, descending: false, nullsFirst: true }], filter: 4 }),
  call('mode(any) -> any', [1], { orderBy: [{ column: 1, descending: true, nullsFirst: true }] }),
  call('regr_sxy(float8, float8) -> float8', [3, 3]),
  call('corr(float8, float8) -> float8', [3, 3]),
  call('approx_count_distinct(any) -> int8', [2]),
  call('collect_set(any) -> array', [2]),
  call('jsonb_agg(any) -> jsonb', [3], { distinct: true }),
  call('histogram(text) -> jsonb', [1]),
  call('topk(any, int4) -> array', [2, 5]),
  call('percentile_disc(float8, any) -> any', [6, 2], { orderBy: [{ column: 2, descending: true, nullsFirst: true }] }),
  call('percentile_cont(float8, float8) -> float8', [6, 3], { orderBy: [{ column: 3, descending: false, nullsFirst: false }] }),
];

function randomRow(random: Random): Row {
  const maybe = <Value>(value: Value): Value | null => (random.nextInt(8) === 0 ? null : value);
  return [
    maybe(random.nextInt(4)),
    maybe(['a', 'b', 'ä', ''][random.nextInt(4)]!),
    maybe(random.nextInt(20) === 0 ? 9_223_372_036_854_775_807n : BigInt(random.nextInt(7) - 3)),
    maybe([0.1, 0.2, 0.3, 1e17, -1e17, 1e-9][random.nextInt(6)]!),
    maybe(random.nextInt(2) === 0),
    2,
    0.4,
  ];
}

/** The answer from nothing: a fresh aggregate for each group over the rows that are there. */
function expected(rows: readonly Row[], keys: readonly number[]): string[] {
  const groups = new Map<string, { key: Row; members: Row[] }>();
  if (keys.length === 0) groups.set('[]', { key: [], members: [] });
  for (const row of rows) {
    const key = keys.map((index) => row[index]!);
    const text = JSON.stringify(key);
    const group = groups.get(text) ?? { key, members: [] };
    groups.set(text, group);
    group.members.push(row);
  }
  const result = new RowSet();
  for (const { key, members } of groups.values()) result.add([...key, ...calls.map((one) => evaluate(one, members))], 1);
  return result.lines();
}

function evaluate(one: AggregateCallSpec, members: readonly Row[]): Row[number] {
  const definition = aggregateFunctions.find((candidate) => candidate.signature === one.signature)!;
  const positions = [...one.args, ...one.orderBy.map((key) => key.column)];
  const argumentTypes = positions.map((position) => inputs[0]![position]!);
  const orderBy = one.orderBy.map(({ descending, nullsFirst }, index) => ({ argument: one.args.length + index, descending, nullsFirst }));
  const aggregate = definition.createReference({ argumentTypes, resultType: one.type, appendOnly: true, orderBy });
  const seen = new Set<string>();
  for (const row of members) {
    if (one.filter !== null && row[one.filter] !== true) continue;
    const args = positions.map((position) => row[position]!);
    const key = String(args);
    if (one.distinct && seen.has(key)) continue;
    seen.add(key);
    aggregate.add(args, 1);
  }
  return aggregate.result();
}

describe.each([{ keys: [0, 1] }, { keys: [1] }, { keys: [] }])('hash-aggregate by $keys', ({ keys }) => {
  test.each([1, 2, 3])('equals the answer from nothing at every epoch, restarts included (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const changes = new RandomChanges(random, randomRow);
    const parameters = hashAggregateSpecCodec.encode({ keys, partitionKeyCount: keys.length, calls });
    const harness = new OperatorHarness(hashAggregateFactory, parameters, { inputs });
    for (let epoch = 0; epoch < 40; epoch++) {
      for (let batch = random.nextInt(3); batch > 0; batch--) {
        const { rows, weights } = changes.next(1 + random.nextInt(12));
        harness.rows(0, rows, weights);
      }
      const checkpoint = random.nextInt(3) === 0;
      harness.barrier(checkpoint);
      expect(harness.content.lines(), `seed ${seed} epoch ${epoch}`).toEqual(expected(changes.present, keys));
      if (checkpoint && random.nextInt(2) === 0) harness.restart();
    }
  });
});

test('an aggregate without keys has one row at its first barrier, over no input at all', () => {
  const parameters = hashAggregateSpecCodec.encode({
    keys: [],
    partitionKeyCount: 0,
    calls: [call('count(*) -> int8', []), call('sum(int4) -> int8', [0])],
  });
  const harness = new OperatorHarness(hashAggregateFactory, parameters, { inputs });
  expect(harness.barrier(true)).toEqual(['["0n",null]']);
  expect(harness.barrier()).toEqual([]);
  harness.restart();
  expect(harness.barrier()).toEqual([]);
  harness.rows(0, [[5, null, null, null, null, null, null]]);
  expect(harness.barrier()).toEqual(['["0n",null] x-1', '["1n","5n"]']);
});

test('a sum out of range drops the group and reports it until its rows change', () => {
  const parameters = hashAggregateSpecCodec.encode({ keys: [0], partitionKeyCount: 1, calls: [call('sum(int4) -> int8', [1])] });
  const harness = new OperatorHarness(hashAggregateFactory, parameters, { inputs: [[int4Type, int4Type]] });
  const huge: Row = [1, 2_147_483_647];
  harness.rows(0, [huge], [2_147_483_647]);
  harness.rows(0, [huge], [2_147_483_647]);
  harness.rows(0, [huge], [2_147_483_647]);
  expect(harness.barrier()).toEqual([]);
  expect(harness.observed.rowErrors.map(({ error, expression, weight }) => [error.code, expression, weight])).toEqual([['22003', 'sum(c1)', 1]]);
  harness.rows(0, [huge, huge], [-2_147_483_647, -2_147_483_647]);
  expect(harness.barrier()).toEqual(['[1,"4611686014132420609n"]']);
  expect(harness.observed.rowErrors.map((failure) => failure.weight)).toEqual([1, -1]);
});

test('an unchanged result is not emitted again', () => {
  const parameters = hashAggregateSpecCodec.encode({ keys: [0], partitionKeyCount: 1, calls: [call('max(text) -> text', [1])] });
  const harness = new OperatorHarness(hashAggregateFactory, parameters, { inputs });
  harness.rows(0, [[1, 'b', null, null, null, null, null]]);
  expect(harness.barrier()).toEqual(['[1,"b"]']);
  harness.rows(0, [[1, 'a', null, null, null, null, null]]);
  expect(harness.barrier()).toEqual([]);
});

describe('with a state ttl', () => {
  const ttlMs = 3;

  test.each([1, 2, 3])('groups go when they have not been touched for it, and begin anew (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const parameters = hashAggregateSpecCodec.encode({ keys: [1], partitionKeyCount: 1, calls, stateTtlMs: ttlMs });
    const harness = new OperatorHarness(hashAggregateFactory, parameters, { inputs });
    const rowsOf = new Map<string, { rows: Row[]; touched: number }>();
    for (let epoch = 1; epoch <= 80; epoch++) {
      const rows = Array.from({ length: random.nextInt(3) }, () => randomRow(random));
      harness.rows(0, rows);
      for (const row of rows) {
        const group = rowsOf.get(String(row[1])) ?? { rows: [], touched: 0 };
        rowsOf.set(String(row[1]), { rows: [...group.rows, row], touched: epoch });
      }
      for (const [key, { touched }] of rowsOf) if (touched + ttlMs <= epoch) rowsOf.delete(key);
      const checkpoint = random.nextInt(3) === 0;
      harness.barrier(checkpoint);
      const kept = [...rowsOf.values()].flatMap((group) => group.rows);
      expect(harness.content.lines(), `seed ${seed} epoch ${epoch}`).toEqual(expected(kept, [1]));
      if (checkpoint && random.nextInt(2) === 0) harness.restart();
    }
  });

  test.each([1, 2, 3, 4])('rows taken back after they were forgotten leave one row a key, and none that was not there goes (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const changes = new RandomChanges(random, randomRow);
    const parameters = hashAggregateSpecCodec.encode({ keys: [1], partitionKeyCount: 1, calls, stateTtlMs: ttlMs });
    const harness = new OperatorHarness(hashAggregateFactory, parameters, { inputs });
    for (let epoch = 1; epoch <= 120; epoch++) {
      const { rows, weights } = changes.next(random.nextInt(4));
      harness.rows(0, rows, weights);
      harness.barrier(random.nextInt(2) === 0);
      expect(harness.content.lines().filter((line) => / x-?\d+$/.test(line))).toEqual([]);
      expect(harness.content.lines().length).toBeLessThanOrEqual(5);
    }
    for (let epoch = 0; epoch < ttlMs; epoch++) harness.barrier();
    expect(harness.content.lines()).toEqual([]);
  });
});
