import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { int4Type, type SqlType, textType, timestampType } from '../../types/index.ts';
import { OperatorHarness, RandomChanges, type Row, RowSet } from '../testing/index.ts';
import { temporalJoinFactory } from './operator.ts';
import { type TemporalJoinSpec, temporalJoinSpecCodec } from './spec.ts';

/** Key, time, something else; key, something else, time. */
const inputs: readonly (readonly SqlType[])[] = [
  [int4Type, timestampType, textType],
  [int4Type, textType, timestampType],
];
const noRight: Row = [null, null, null];

function harnessOf(joinType: TemporalJoinSpec['joinType'], options: { readonly versions: boolean; readonly appendOnly: boolean }): OperatorHarness {
  const versions = options.versions ? { left: 1, right: 2, tieBy: [0, 1, 2], latenessMicros: 2n } : null;
  const parameters = temporalJoinSpecCodec.encode({ joinType, keyCount: 1, versions });
  return new OperatorHarness(temporalJoinFactory, parameters, { inputs, appendOnly: options.appendOnly });
}

/** A row whose time no row to come may be below. */
function leftRow(random: Random, from: number): Row {
  const key = random.nextInt(8) === 0 ? null : random.nextInt(3);
  const time = random.nextInt(8) === 0 ? null : BigInt(from + random.nextInt(12));
  return [key, time, ['a', 'b'][random.nextInt(2)]!];
}

function versionAt(left: Row, right: readonly Row[]): Row | null {
  if (left[0] === null || left[1] === null) return null;
  const found = right.filter((row) => row[0] === left[0] && (row[2] as bigint) <= (left[1] as bigint));
  found.sort((one, other) => Number((other[2] as bigint) - (one[2] as bigint)) || String(one[1]).localeCompare(String(other[1])));
  return found[0] ?? null;
}

test.each(['inner', 'left'] as const)('%s: rows below the watermark are joined with the version of their time, whatever the epochs', (joinType) => {
  for (let seed = 1; seed <= 15; seed++) {
    const random = seededRandom(seed);
    const harness = harnessOf(joinType, { versions: true, appendOnly: true });
    const left: Row[] = [];
    const right: Row[] = [];
    let watermark = 0;
    for (let epoch = 0; epoch < 20; epoch++) {
      const bound = Math.max(0, watermark - 2);
      const lefts = Array.from({ length: random.nextInt(4) }, () => leftRow(random, bound));
      const rights = Array.from(
        { length: random.nextInt(3) },
        (): Row => [random.nextInt(3), ['x', 'y'][random.nextInt(2)]!, BigInt(bound + random.nextInt(12))],
      );
      harness.rows(1, rights);
      harness.rows(0, lefts);
      left.push(...lefts);
      right.push(...rights);
      watermark += random.nextInt(5);
      harness.watermark(BigInt(watermark));
      const checkpoint = random.nextInt(3) === 0;
      harness.barrier(checkpoint);
      const expected = new RowSet();
      for (const row of left) {
        const out = row[0] === null || row[1] === null || (row[1] as bigint) < BigInt(watermark - 2);
        const version = versionAt(row, right);
        if (out && (version !== null || joinType === 'left')) expected.add([...row, ...(version ?? noRight)], 1);
      }
      expect(harness.content.lines(), `seed ${seed}, epoch ${epoch}`).toEqual(expected.lines());
      if (checkpoint) harness.restart();
    }
    expect(harness.emitted.every((batch) => batch.weights === null)).toBe(true);
  }
});

test('of a table that updates, a superseded row stays a version, a corrected one goes, a deleted one takes all with it', () => {
  const harness = harnessOf('left', { versions: true, appendOnly: false });
  harness.rows(1, [[1, 'first', 10n]]);
  harness.barrier();
  harness.rows(
    1,
    [
      [1, 'first', 10n],
      [1, 'second', 20n],
    ],
    [-1, 1],
  );
  harness.barrier();
  harness.rows(
    1,
    [
      [1, 'second', 20n],
      [1, 'second, corrected', 20n],
    ],
    [-1, 1],
  );
  harness.barrier(true);
  harness.restart();
  harness.rows(0, [
    [1, 9n, 'a'],
    [1, 19n, 'a'],
    [1, 20n, 'a'],
    [1, 25n, 'a'],
  ]);
  harness.watermark(25n);
  expect(harness.barrier()).toEqual(['[1,"19n","a",1,"first","10n"]', '[1,"20n","a",1,"second, corrected","20n"]', '[1,"9n","a",null,null,null]']);
  harness.rows(1, [[1, 'second, corrected', 20n]], [-1]);
  harness.barrier();
  harness.watermark(30n);
  expect(harness.barrier()).toEqual(['[1,"25n","a",null,null,null]']);
});

test('versions behind the watermark are forgotten but for the newest, rows that have come out too', () => {
  const harness = harnessOf('inner', { versions: true, appendOnly: true });
  for (let time = 0; time < 100; time++) {
    harness.rows(1, [[1, 'x', BigInt(time)]]);
    harness.rows(0, [[1, BigInt(time), 'a']]);
    harness.watermark(BigInt(time));
    harness.barrier(true);
  }
  expect(harness.savedRows('right')).toBeLessThan(6);
  expect(harness.savedRows('left')).toBeLessThan(6);
});

test.each(['inner', 'left'] as const)('%s, processing time: what is there at the barrier, once and for all', (joinType) => {
  for (let seed = 1; seed <= 15; seed++) {
    const random = seededRandom(seed);
    const harness = harnessOf(joinType, { versions: false, appendOnly: false });
    const right = new RandomChanges(random, () => [random.nextInt(3), ['x', 'y'][random.nextInt(2)]!, BigInt(random.nextInt(3))]);
    const expected = new RowSet();
    for (let epoch = 0; epoch < 15; epoch++) {
      const lefts = Array.from({ length: random.nextInt(4) }, () => leftRow(random, 0));
      harness.rows(0, lefts);
      const { rows, weights } = right.next(random.nextInt(4));
      harness.rows(1, rows, weights);
      for (const row of lefts) {
        const found = right.present.filter((other) => row[0] !== null && other[0] === row[0]);
        for (const other of found) expected.add([...row, ...other], 1);
        if (found.length === 0 && joinType === 'left') expected.add([...row, ...noRight], 1);
      }
      const checkpoint = random.nextInt(3) === 0;
      harness.barrier(checkpoint);
      expect(harness.content.lines(), `seed ${seed}, epoch ${epoch}`).toEqual(expected.lines());
      if (checkpoint) harness.restart();
    }
  }
});
