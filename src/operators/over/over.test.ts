import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { int4Type, int8Type, type SqlType, textType, timestampType } from '../../types/index.ts';
import { OperatorHarness, RandomChanges, type Row, RowSet, TimedChanges } from '../testing/index.ts';
import { overFactory } from './operator.ts';
import { type OverCallSpec, type OverSpec, overSpecCodec } from './spec.ts';

/** A partition, a number to order by, a value and a condition. */
const inputs: readonly (readonly SqlType[])[] = [[textType, int4Type, int4Type, { kind: 'bool' }]];

type Frame = OverCallSpec['frame'];
const defaultFrame: Frame = {
  unit: 'range',
  start: { kind: 'unbounded-preceding', offset: null },
  end: { kind: 'current-row', offset: null },
  exclude: 'no-others',
};

function counted(kind: 'preceding' | 'following', value: bigint): Frame['start'] {
  return { kind, offset: { kind: 'literal', value, type: int8Type } };
}

function windowFunction(name: string, type: SqlType, rest: Partial<OverCallSpec> = {}): OverCallSpec {
  return { function: { kind: 'window', name }, args: [], filter: null, frame: defaultFrame, type, ...rest };
}

function sum(frame: Partial<Frame>, filter: number | null = null): OverCallSpec {
  return { function: { kind: 'aggregate', signature: 'sum(int4) -> int8' }, args: [2], filter, frame: { ...defaultFrame, ...frame }, type: int8Type };
}

/** A partition's rows in order, each with the positions of its peers. */
interface Place {
  readonly rows: readonly Row[];
  readonly at: number;
  readonly peers: readonly number[];
}

function total(rows: readonly Row[]): bigint | null {
  const values = rows.map((row) => row[2]).filter((value) => value !== null);
  return values.length === 0 ? null : BigInt(values.reduce<number>((all, value) => all + (value as number), 0));
}

/** Calls, and what each of them means. */
const calls: readonly (readonly [OverCallSpec, (place: Place) => Row[number]])[] = [
  [windowFunction('row_number', int8Type), ({ at }) => BigInt(at + 1)],
  [windowFunction('rank', int8Type), ({ peers }) => BigInt(peers[0]! + 1)],
  [windowFunction('lag', int4Type, { args: [2] }), ({ rows, at }) => rows[at - 1]?.[2] ?? null],
  [windowFunction('lead', int4Type, { args: [2] }), ({ rows, at }) => rows[at + 1]?.[2] ?? null],
  [windowFunction('cume_dist', { kind: 'float8' }), ({ rows, peers }) => (peers.at(-1)! + 1) / rows.length],
  [windowFunction('last_value', int4Type, { args: [2] }), ({ rows, peers }) => rows[peers.at(-1)!]![2]!],
  [sum({}), ({ rows, peers }) => total(rows.slice(0, peers.at(-1)! + 1))],
  [sum({ unit: 'rows' }), ({ rows, at }) => total(rows.slice(0, at + 1))],
  [
    sum({ unit: 'rows', start: counted('preceding', 2n), end: counted('preceding', 1n) }),
    ({ rows, at }) => total(rows.slice(Math.max(at - 2, 0), at)),
  ],
  [sum({ unit: 'rows', end: counted('following', 1n) }, 3), ({ rows, at }) => total(rows.slice(0, at + 2).filter((row) => row[3] === true))],
  [
    sum({ end: { kind: 'unbounded-following', offset: null }, exclude: 'group' }),
    ({ rows, peers }) => total(rows.filter((_, index) => !peers.includes(index))),
  ],
];

const randomRow = (random: Random): Row => [
  ['a', 'b', null][random.nextInt(3)]!,
  random.nextInt(6) === 0 ? null : random.nextInt(6),
  random.nextInt(5) === 0 ? null : random.nextInt(4),
  random.nextInt(2) === 0,
];

/** By the number, NULL last, then by value (NULL last) and condition. */
function compare(left: Row, right: Row): number {
  for (const column of [1, 2, 3]) {
    const [a, b] = [left[column]!, right[column]!];
    if (a !== b) return a === null ? 1 : b === null ? -1 : Number(a) - Number(b);
  }
  return 0;
}

function expected(rows: readonly Row[], meanings: readonly ((place: Place) => Row[number])[]): string[] {
  const result = new RowSet();
  for (const key of ['a', 'b', null]) {
    const sorted = rows.filter((row) => row[0] === key).sort(compare);
    for (const [at, row] of sorted.entries()) {
      const peers = sorted.flatMap((other, index) => (other[1] === row[1] ? [index] : []));
      result.add([...row, ...meanings.map((meaning) => meaning({ rows: sorted, at, peers }))], 1);
    }
  }
  return result.lines();
}

function specOf(parts: readonly OverCallSpec[]): OverSpec {
  const orderBy = [{ column: 1, descending: false, nullsFirst: false }];
  return { partitionCount: 1, partitionKeyCount: 1, orderBy, tieBy: [0, 1, 2, 3], calls: parts, numberCopies: false, expiry: null };
}

// All together every row is affected by any change; alone, only what stands behind it.
const groups = [calls, ...calls.map((one) => [one])];

test.each(groups.map((group, index) => ({ group, seed: index + 1 })))(
  'equals the values over the sorted rows at every epoch, restarts included: seed $seed',
  ({ group, seed }) => {
    const random = seededRandom(seed);
    const changes = new RandomChanges(random, randomRow);
    const harness = new OperatorHarness(overFactory, overSpecCodec.encode(specOf(group.map(([call]) => call))), { inputs });
    for (let epoch = 0; epoch < 40; epoch++) {
      const { rows, weights } = changes.next(random.nextInt(epoch % 10 === 0 ? 30 : 5));
      harness.rows(0, rows, weights);
      const checkpoint = random.nextInt(3) === 0;
      harness.barrier(checkpoint);
      const meanings = group.map(([, meaning]) => meaning);
      expect(harness.content.lines(), `seed ${seed} epoch ${epoch}`).toEqual(expected(changes.present, meanings));
      if (checkpoint && random.nextInt(2) === 0) harness.restart();
    }
  },
);

test('a row appended to a running sum is all that is emitted', () => {
  const harness = new OperatorHarness(overFactory, overSpecCodec.encode(specOf([sum({ unit: 'rows' })])), { inputs });
  harness.rows(
    0,
    Array.from({ length: 50 }, (_, at): Row => ['a', at, 1, true]),
  );
  harness.barrier();
  harness.rows(0, [['a', 50, 1, true]]);
  expect(harness.barrier()).toEqual(['["a",50,1,true,"51n"]']);
  expect(harness.emitted.reduce((rows, batch) => rows + batch.rowCount, 0)).toBe(1);
});

test('a failing call leaves its row out and reports it, and takes the report back', () => {
  const ntile = windowFunction('ntile', int4Type, { args: [2] });
  const harness = new OperatorHarness(overFactory, overSpecCodec.encode(specOf([ntile])), { inputs });
  harness.rows(0, [
    ['a', 1, 1, true],
    ['a', 2, 0, true],
  ]);
  expect(harness.barrier()).toEqual(['["a",1,1,true,1]']);
  expect(harness.observed.rowErrors.map(({ weight, expression }) => [weight, expression])).toEqual([[1, 'ntile(c2) OVER']]);
  harness.rows(0, [['a', 2, 0, true]], [-1]);
  expect(harness.barrier()).toEqual([]);
  expect(harness.observed.rowErrors.map(({ weight }) => weight)).toEqual([1, -1]);
});

test('forgets partitions the watermark has passed, and stays right', () => {
  const spec: OverSpec = {
    ...specOf([sum({ unit: 'rows' })]),
    orderBy: [{ column: 1, descending: false, nullsFirst: false }],
    tieBy: [0, 1, 2],
    expiry: { column: 0, clock: 'watermark', latenessMicros: 0n },
  };
  const types: readonly SqlType[] = [timestampType, int4Type, int4Type];
  for (const seed of [1, 2, 3]) {
    const random = seededRandom(seed);
    const changes = new TimedChanges(
      random,
      (random, time) => [time, random.nextInt(3), random.nextInt(3)],
      (row) => row[0] as bigint | null,
    );
    const harness = new OperatorHarness(overFactory, overSpecCodec.encode(spec), { inputs: [types] });
    let watermark = 0n;
    for (let epoch = 0; epoch < 60; epoch++) {
      const { rows, weights } = changes.next(random.nextInt(6), watermark);
      harness.rows(0, rows, weights);
      watermark += BigInt(random.nextInt(5)) * 1_000_000n;
      harness.watermark(watermark);
      const checkpoint = random.nextInt(3) === 0;
      harness.barrier(checkpoint);
      expect(harness.content.lines(), `seed ${seed} epoch ${epoch}`).toEqual(runningSums(changes.present));
      if (checkpoint && random.nextInt(2) === 0) harness.restart();
    }
    harness.watermark(watermark + 100_000_000n);
    harness.barrier(true);
    const timeless = changes.present.filter((row) => row[0] === null).map((row) => JSON.stringify(row));
    expect(harness.savedRows('rows')).toBe(new Set(timeless).size);
  }
});

/** sum(column 2) OVER (PARTITION BY column 0 ORDER BY column 1, ROWS UNBOUNDED PRECEDING), ties by column 2. */
function runningSums(rows: readonly Row[]): string[] {
  const result = new RowSet();
  const sorted = [...rows].sort((left, right) => Number(left[1]) - Number(right[1]) || Number(left[2]) - Number(right[2]));
  const sums = new Map<Row[number], bigint>();
  for (const row of sorted) {
    const sum = (sums.get(row[0]!) ?? 0n) + BigInt(row[2] as number);
    sums.set(row[0]!, sum);
    result.add([...row, sum], 1);
  }
  return result.lines();
}
