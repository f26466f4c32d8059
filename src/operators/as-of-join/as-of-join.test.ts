import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { int4Type, int8Type, type SqlType, textType } from '../../types/index.ts';
import { OperatorHarness, RandomChanges, type Row, RowSet } from '../testing/index.ts';
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

function parametersOf(shape: Shape): ReturnType<typeof asOfJoinSpecCodec.encode> {
  return asOfJoinSpecCodec.encode({ ...shape, keyCount: 1, leftTime: 1, rightTime: 2, tieBy: [0, 1, 2] });
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
