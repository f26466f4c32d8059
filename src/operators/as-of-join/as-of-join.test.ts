import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { int4Type, int8Type, type SqlType, textType } from '../../types/index.ts';
import { OperatorHarness, RandomChanges, type Row, RowSet, rowKey, TimedChanges } from '../testing/index.ts';
import { asOfJoinFactory } from './operator.ts';
import { type AsOfJoinSpec, asOfJoinSpecCodec } from './spec.ts';

/** Key, time, something else. */
const inputs: readonly (readonly SqlType[])[] = [
  [int4Type, int8Type, textType],
  [int4Type, textType, int8Type],
];

type Shape = Pick<AsOfJoinSpec, 'joinType' | 'direction' | 'strict'>;

const shapes: readonly Shape[] = (['inner', 'left'] as const).flatMap((joinType) =>
  (['before', 'after'] as const).flatMap((direction) => [false, true].map((strict) => ({ joinType, direction, strict }))),
);

function leftRow(random: Random): Row {
  const key = random.nextInt(8) === 0 ? null : random.nextInt(3);
  const time = random.nextInt(8) === 0 ? null : BigInt(random.nextInt(12));
  return [key, time, ['a', 'b'][random.nextInt(2)]!];
}

function rightRow(random: Random): Row {
  return [random.nextInt(3), ['x', 'y', 'z'][random.nextInt(3)]!, BigInt(random.nextInt(12))];
}

/** Each left row against all right rows. */
function joined(left: readonly Row[], right: readonly Row[], { joinType, direction, strict }: Shape): RowSet {
  const rows = new RowSet();
  const sign = direction === 'before' ? 1 : -1;
  for (const row of left) {
    const found = right.filter((other) => {
      if (row[0] === null || row[1] === null || other[0] !== row[0]) return false;
      const distance = sign * Number((row[1] as bigint) - (other[2] as bigint));
      return strict ? distance > 0 : distance >= 0;
    });
    const nearest = found.sort((one, other) => {
      const later = sign * Number((other[2] as bigint) - (one[2] as bigint));
      return later === 0 ? String(one[1]).localeCompare(String(other[1])) : later;
    })[0];
    if (nearest !== undefined) rows.add([...row, ...nearest], 1);
    else if (joinType === 'left') rows.add([...row, null, null, null], 1);
  }
  return rows;
}

function parametersOf(shape: Shape, latenessMicros: bigint | null = null): ReturnType<typeof asOfJoinSpecCodec.encode> {
  return asOfJoinSpecCodec.encode({ ...shape, keyCount: 1, leftTime: 1, rightTime: 2, tieBy: [0, 1, 2], latenessMicros });
}

test.each(shapes)('random changes of both sides: %o', (shape) => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = seededRandom(seed);
    const harness = new OperatorHarness(asOfJoinFactory, parametersOf(shape), { inputs });
    const left = new RandomChanges(random, leftRow);
    const right = new RandomChanges(random, rightRow);
    for (let epoch = 0; epoch < 15; epoch++) {
      for (let batch = 0; batch < 3; batch++) {
        const side = random.nextInt(2);
        const { rows, weights } = (side === 0 ? left : right).next(random.nextInt(5));
        harness.rows(side, rows, weights);
      }
      const checkpoint = random.nextInt(3) === 0;
      harness.barrier(checkpoint);
      expect(harness.content.lines(), `seed ${seed}, epoch ${epoch}`).toEqual(joined(left.present, right.present, shape).lines());
      if (checkpoint && random.nextInt(2) === 0) harness.restart();
    }
  }
});

const SECOND = 1_000_000n;
const LATENESS = 2n * SECOND;

/** The different rows that are kept when no time below the bound comes or goes any more. */
function keptRows(
  left: readonly Row[],
  right: readonly Row[],
  bound: bigint,
  { direction, strict }: Shape,
  appendOnly: boolean,
): [left: number, right: number] {
  const distinct = (rows: readonly Row[]): number => new Set(rows.map(rowKey)).size;
  const passed = (other: Row): boolean => (other[2] as bigint) < bound;
  const latestPassed = (key: unknown): bigint | null => {
    const times = right.filter((other) => other[0] === key && passed(other)).map((other) => other[2] as bigint);
    return times.length === 0 ? null : times.sort((one, other) => Number(one - other)).at(-1)!;
  };
  const keepsLeft = ([key, time]: Row): boolean => {
    if (time === null || (key === null && appendOnly)) return !appendOnly;
    if (direction === 'before') return (time as bigint) >= bound;
    const found = latestPassed(key);
    return found === null || (strict ? (time as bigint) >= found : (time as bigint) > found);
  };
  const keepsRight = (row: Row): boolean => !passed(row) || (direction === 'before' && row[2] === latestPassed(row[0]));
  return [distinct(left.filter(keepsLeft)), distinct(right.filter(keepsRight))];
}

test.each(shapes.flatMap((shape) => [false, true].map((appendOnly) => ({ shape, appendOnly }))))(
  'rows the watermark has passed are forgotten: %o',
  ({ shape, appendOnly }) => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = seededRandom(seed);
      const harness = new OperatorHarness(asOfJoinFactory, parametersOf(shape, LATENESS), { inputs, appendOnly });
      const makeLeft = (_: Random, time: bigint | null): Row => [
        random.nextInt(8) === 0 && shape.joinType === 'left' ? null : random.nextInt(3),
        time,
        'ab'[random.nextInt(2)]!,
      ];
      const makeRight = (_: Random, time: bigint | null): Row => [random.nextInt(3), 'xyz'[random.nextInt(3)]!, time ?? bound + SECOND];
      let bound = 0n;
      const left = new TimedChanges(random, makeLeft, (row) => row[1] as bigint | null);
      const right = new TimedChanges(random, makeRight, (row) => row[2] as bigint);
      for (let epoch = 0; epoch < 25; epoch++) {
        for (let batch = 0; batch < 2; batch++) {
          const side = random.nextInt(2);
          const changes = side === 0 ? left : right;
          if (appendOnly) {
            const rows = Array.from({ length: random.nextInt(4) }, () =>
              (side === 0 ? makeLeft : makeRight)(random, bound + BigInt(random.nextInt(20)) * SECOND),
            );
            changes.present.push(...rows);
            harness.rows(side, rows);
          } else {
            const { rows, weights } = changes.next(random.nextInt(5), bound);
            harness.rows(side, rows, weights);
          }
        }
        if (random.nextInt(2) === 0) {
          bound += BigInt(random.nextInt(8)) * SECOND;
          harness.watermark(bound + LATENESS);
        }
        const checkpoint = random.nextInt(3) === 0;
        harness.barrier(checkpoint);
        expect(harness.content.lines(), `seed ${seed}, epoch ${epoch}`).toEqual(joined(left.present, right.present, shape).lines());
        if (checkpoint && random.nextInt(2) === 0) harness.restart();
      }
      bound += 100n * SECOND;
      harness.watermark(bound + LATENESS);
      harness.barrier(true);
      expect([harness.savedRows('left'), harness.savedRows('right')], `seed ${seed}`).toEqual(
        keptRows(left.present, right.present, bound, shape, appendOnly),
      );
    }
  },
);

test('what it emits at a barrier is net', () => {
  const harness = new OperatorHarness(asOfJoinFactory, parametersOf({ joinType: 'left', direction: 'before', strict: false }), { inputs });
  harness.rows(0, [[1, 5n, 'a']]);
  harness.rows(1, [[1, 'x', 3n]]);
  harness.barrier();
  harness.rows(1, [[1, 'y', 4n]]);
  harness.rows(0, [[1, 5n, 'a']], [-1]);
  expect(harness.barrier()).toEqual(['[1,"5n","a",1,"x","3n"] x-1']);
  expect(harness.emitted.reduce((count, batch) => count + batch.rowCount, 0)).toBe(1);
});

test('one row behind a long line of its key looks at no other', () => {
  const harness = new OperatorHarness(asOfJoinFactory, parametersOf({ joinType: 'inner', direction: 'before', strict: false }), {
    inputs,
    batchRows: 1000,
  });
  const times = Array.from({ length: 20_000 }, (_, time) => BigInt(time));
  harness.rows(
    0,
    times.map((time) => [1, time, 'a']),
  );
  harness.rows(1, [[1, 'x', 0n]]);
  harness.barrier();
  harness.rows(1, [[1, 'y', 19_998n]]);
  expect(harness.barrier()).toEqual([
    '[1,"19998n","a",1,"x","0n"] x-1',
    '[1,"19998n","a",1,"y","19998n"]',
    '[1,"19999n","a",1,"x","0n"] x-1',
    '[1,"19999n","a",1,"y","19998n"]',
  ]);
});
