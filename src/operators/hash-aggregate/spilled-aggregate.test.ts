import { describe, expect, test } from 'vitest';
import { SqlError, SqlState, seededRandom } from '../../base/index.ts';
import { aggregateFunctions } from '../../functions/aggregate/index.ts';
import { int4Type, int8Type, type SqlType, textType } from '../../types/index.ts';
import type { AggregateCallSpec } from '../spec/index.ts';
import { expectSpilledTwin, OperatorHarness, spillingFactory, testEnvironment } from '../testing/index.ts';
import { hashAggregateFactory } from './operator.ts';
import { hashAggregateSpecCodec } from './spec.ts';

const types: readonly SqlType[] = [int4Type, textType, int8Type];

function call(signature: string, args: readonly number[], distinct = false): AggregateCallSpec {
  const definition = aggregateFunctions.find((candidate) => candidate.signature === signature)!;
  const type = typeof definition.resultType === 'function' ? definition.resultType(args.map((arg) => types[arg]!)) : definition.resultType;
  return { signature, args, distinct, filter: null, orderBy: [], type };
}

const calls = [
  call('count(*) -> int8', []),
  call('sum(int8) -> numeric', [2]),
  call('min(int8) -> int8', [2]),
  call('count(any) -> int8', [2], true),
];
const parameters = hashAggregateSpecCodec.encode({ keys: [0, 1], partitionKeyCount: 1, calls });
/** Epochs are a millisecond apart there. */
const forgetful = hashAggregateSpecCodec.encode({ keys: [0, 1], partitionKeyCount: 1, calls, stateTtlMs: 3 });

describe.each([1, 6_000, 20_000, 28_000])('an aggregate with %i bytes of memory', (bytesMax) => {
  test.each([
    { seed: 1, own: parameters },
    { seed: 2, own: parameters },
    { seed: 3, own: parameters },
    { seed: 4, own: forgetful },
    { seed: 5, own: forgetful },
    { seed: 6, own: forgetful },
  ])('changes and saves what one in memory does, restarts included (seed $seed)', ({ seed, own }) => {
    expectSpilledTwin(hashAggregateFactory, own, {
      environment: { inputs: [types] },
      bytesMax,
      seed,
      makeRow: [(random) => [random.nextInt(10) === 0 ? null : random.nextInt(300), ['a', 'b'][random.nextInt(2)]!, BigInt(random.nextInt(5))]],
      epochs: 40,
      batchRows: 80,
    });
  });
});

test('a group in memory whose ttl has passed stays when rows of it are put off in that epoch', () => {
  for (let seed = 1; seed <= 12; seed++) {
    expectSpilledTwin(hashAggregateFactory, forgetful, {
      environment: { inputs: [types] },
      bytesMax: 60_000,
      seed,
      makeRow: [(random) => [random.nextInt(90), 'ä'.repeat(150), 1n]],
      epochs: 40,
      batchRows: 60,
    });
  }
});

test('rows of one epoch that do not fit wait for its end, and each group changes once', () => {
  const harness = new OperatorHarness(spillingFactory(hashAggregateFactory, { bytesMax: 20_000 }), parameters, { inputs: [types], batchRows: 512 });
  const random = seededRandom(7);
  for (let round = 0; round < 2; round++) {
    for (let batch = 0; batch < 40; batch++) {
      harness.rows(
        0,
        Array.from({ length: 250 }, () => [random.nextInt(4000), 'a', 1n]),
      );
    }
    const lines = harness.barrier();
    const gone = lines.filter((line) => line.endsWith(' x-1')).length;
    const groups = new Set(lines.map((line) => line.slice(0, line.indexOf(','))));
    expect(groups.size).toBeGreaterThan(3000);
    expect(lines.length - gone).toBe(groups.size);
    if (round === 0) expect(gone).toBe(0);
  }
  expect(harness.observed.tables[0]!.sizeBytes()).toBeLessThan(80_000);
});

test('a scratch without room fails the operator with what it says', () => {
  const full = (): never => {
    throw new SqlError({ code: SqlState.diskFull, message: 'could not write to "scratch": no space left on device', class: 'external' });
  };
  const openScratch = () => ({ get: () => undefined, put: full, remove: full, ready: () => true, close: async () => undefined });
  const harness = new OperatorHarness(spillingFactory(hashAggregateFactory, { bytesMax: 1, openScratch }), parameters, { inputs: [types] });
  harness.rows(0, [[1, 'a', 1n]]);
  expect(() => harness.barrier()).toThrow(expect.objectContaining({ code: '53100' }));
});

test('the one group without keys stays in memory', () => {
  const keysOf = (spec: { readonly keys: readonly number[]; readonly stateTtlMs?: number }): unknown =>
    hashAggregateFactory.spillKeys!(
      hashAggregateSpecCodec.encode({ ...spec, partitionKeyCount: spec.keys.length, calls }),
      testEnvironment({ inputs: [types] }).environment,
    );
  expect(keysOf({ keys: [0, 1] })).toEqual([[0, 1]]);
  expect(keysOf({ keys: [0, 1], stateTtlMs: 3 })).toEqual([[0, 1]]);
  expect(keysOf({ keys: [] })).toBeNull();
});

test('what is left comes back to memory when it would fit there with room to spare, and leaves again when it grows', () => {
  const twins = [hashAggregateFactory, spillingFactory(hashAggregateFactory, { bytesMax: 60_000 })].map(
    (factory) => new OperatorHarness(factory, parameters, { inputs: [types] }),
  );
  const spilled = twins[1]!;
  const onDisk = (): number => spilled.observed.tables.reduce((sum, table) => sum + table.spilledBytes!(), 0);
  const epoch = (weight: 1 | -1, from: number, to: number): void => {
    const rows = Array.from({ length: to - from }, (_, at): [number, string, bigint] => [from + at, 'a', BigInt(at % 9)]);
    for (const twin of twins) twin.rows(0, rows, Array<number>(rows.length).fill(weight));
    const [plain, own] = twins.map((twin) => twin.barrier(true));
    expect(own).toEqual(plain);
    expect(spilled.savedKeys()).toEqual(twins[0]!.savedKeys());
  };
  for (let turn = 0; turn < 3; turn++) {
    epoch(1, 0, 1500);
    expect(onDisk()).toBeGreaterThan(0);
    epoch(-1, 0, 500);
    expect(onDisk()).toBeGreaterThan(0);
    epoch(-1, 500, 1480);
    expect(onDisk()).toBe(0);
    epoch(-1, 1480, 1490);
    epoch(-1, 1490, 1500);
  }
});
