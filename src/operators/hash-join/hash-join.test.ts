import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import { int4Type, int8Type, type SqlType, textType } from '../../types/index.ts';
import { OperatorHarness, RandomChanges, type Row, RowSet, testCondition } from '../testing/index.ts';
import { hashJoinFactory } from './operator.ts';
import { type HashJoinSpec, hashJoinSpecCodec } from './spec.ts';

const inputs: readonly (readonly SqlType[])[] = [
  [int8Type, textType],
  [textType, int8Type, int4Type],
];

const { functions, over } = testCondition([textType, textType], ([left, right]) => left !== right);
/** left.text <> right.text */
const residual = over(1, 2);

function maybe<Value>(random: Random, value: Value): Value | null {
  return random.nextInt(6) === 0 ? null : value;
}

const leftRow = (random: Random): Row => [maybe(random, BigInt(random.nextInt(4))), maybe(random, ['x', 'y'][random.nextInt(2)]!)];
const rightRow = (random: Random): Row => [
  maybe(random, ['x', 'y'][random.nextInt(2)]!),
  maybe(random, BigInt(random.nextInt(4))),
  random.nextInt(2),
];

type JoinType = HashJoinSpec['joinType'];

interface Shape {
  readonly joinType: JoinType;
  readonly keyed: boolean;
  readonly tested: boolean;
}

const joinTypes: readonly JoinType[] = ['inner', 'left', 'right', 'full', 'semi', 'anti', 'single'];
const noLeft: Row = [null, null];
const noRight: Row = [null, null, null];

/** The join of all rows with all rows, and the left rows that fail. */
function joined(left: readonly Row[], right: readonly Row[], { joinType, keyed, tested }: Shape): { rows: RowSet; failing: RowSet } {
  const rows = new RowSet();
  const failing = new RowSet();
  const meets = (one: Row, other: Row): boolean => {
    if (keyed && (one[0] === null || one[0] !== other[1])) return false;
    return !tested || (one[1] !== null && other[0] !== null && one[1] !== other[0]);
  };
  for (const one of left) {
    const found = right.filter((other) => meets(one, other));
    if (joinType === 'single' && found.length > 1) failing.add(one, 1);
    else if (joinType === 'semi' || joinType === 'anti') {
      if (found.length > 0 === (joinType === 'semi')) rows.add(one, 1);
    } else {
      for (const other of found) rows.add([...one, ...other], 1);
      if (found.length === 0 && joinType !== 'inner' && joinType !== 'right') rows.add([...one, ...noRight], 1);
    }
  }
  if (joinType === 'right' || joinType === 'full') {
    for (const other of right) if (!left.some((one) => meets(one, other))) rows.add([...noLeft, ...other], 1);
  }
  return { rows, failing };
}

function parametersOf({ joinType, keyed, tested }: Shape): ReturnType<typeof hashJoinSpecCodec.encode> {
  return hashJoinSpecCodec.encode({
    joinType,
    leftKeys: keyed ? [0] : [],
    rightKeys: keyed ? [1] : [],
    residual: tested ? residual : null,
    expiry: [null, null],
    latenessMicros: 0n,
    broadcast: null,
  });
}

/** Failing rows by their text, as they were reported and taken back. */
function netErrors(harness: OperatorHarness): Map<string, number> {
  const net = new Map<string, number>();
  for (const { row, weight } of harness.observed.rowErrors) net.set(row, (net.get(row) ?? 0) + weight);
  return net;
}

const shapes = joinTypes.flatMap((joinType) =>
  [
    { keyed: true, tested: false },
    { keyed: true, tested: true },
    { keyed: false, tested: true },
    { keyed: false, tested: false },
  ].map((conditions): Shape => ({ joinType, ...conditions })),
);

test.each(shapes)('equals the join from nothing at every epoch, restarts included: %o', (shape) => {
  for (const seed of [1, 2, 3]) {
    const random = seededRandom(seed);
    const sides = [new RandomChanges(random, leftRow), new RandomChanges(random, rightRow)];
    const harness = new OperatorHarness(hashJoinFactory, parametersOf(shape), { inputs, functions });
    for (let epoch = 0; epoch < 30; epoch++) {
      for (let batch = random.nextInt(4); batch > 0; batch--) {
        const input = random.nextInt(2);
        const { rows, weights } = sides[input]!.next(1 + random.nextInt(6));
        // Order carries no meaning inside an epoch: what is taken away may come before what it takes away.
        if (random.nextInt(3) === 0) harness.rows(input, rows.reverse(), weights.reverse());
        else harness.rows(input, rows, weights);
      }
      // Now and then nothing is left of a side.
      if (random.nextInt(6) === 0) {
        const input = random.nextInt(2);
        const gone = sides[input]!.present.splice(0);
        harness.rows(
          input,
          gone,
          gone.map(() => -1),
        );
      }
      const checkpoint = random.nextInt(3) === 0;
      harness.barrier(checkpoint);
      const { rows } = joined(sides[0]!.present, sides[1]!.present, shape);
      expect(harness.content.lines(), `seed ${seed} epoch ${epoch}`).toEqual(rows.lines());
      if (checkpoint && random.nextInt(2) === 0) harness.restart();
    }
  }
});

test('a left row of a single join that more than one row meets is an error until it does not any more', () => {
  for (const seed of [1, 2]) {
    const random = seededRandom(seed);
    const shape: Shape = { joinType: 'single', keyed: true, tested: true };
    const sides = [new RandomChanges(random, leftRow), new RandomChanges(random, rightRow)];
    const harness = new OperatorHarness(hashJoinFactory, parametersOf(shape), { inputs, functions });
    for (let epoch = 0; epoch < 30; epoch++) {
      for (const input of [0, 1]) {
        const { rows, weights } = sides[input]!.next(1 + random.nextInt(4));
        harness.rows(input, rows, weights);
      }
      harness.barrier();
      const { failing } = joined(sides[0]!.present, sides[1]!.present, shape);
      const reported = [...netErrors(harness)].filter(([, weight]) => weight !== 0).map(([row, weight]) => `${row} x${weight}`);
      const wanted = failing.lines().map((line) => {
        const [row, times] = line.split(' x') as [string, string | undefined];
        const [key, text] = JSON.parse(row) as [string, string];
        return `(${key.slice(0, -1)}, ${text}) x${times ?? '1'}`;
      });
      expect(reported.sort(), `seed ${seed} epoch ${epoch}`).toEqual(wanted.sort());
    }
  }
});

test('inputs that are only added to give rows without weights, repeated as often as they are there', () => {
  const parameters = hashJoinSpecCodec.encode({
    joinType: 'inner',
    leftKeys: [0],
    rightKeys: [1],
    residual: null,
    expiry: [null, null],
    latenessMicros: 0n,
    broadcast: null,
  });
  const harness = new OperatorHarness(hashJoinFactory, parameters, { inputs, appendOnly: true });
  harness.rows(0, [
    [1n, 'x'],
    [1n, 'x'],
  ]);
  harness.rows(1, [['r', 1n, 0]]);
  expect(harness.barrier()).toEqual(['["1n","x","r","1n",0] x2']);
  expect(harness.emitted.every((batch) => batch.weights === null)).toBe(true);
});

test.each(shapes)('inputs that are only added to are kept through restarts, equal rows and all: %o', (shape) => {
  for (const seed of [11, 12]) {
    const random = seededRandom(seed);
    const present: [Row[], Row[]] = [[], []];
    const harness = new OperatorHarness(hashJoinFactory, parametersOf(shape), { inputs, functions, appendOnly: true });
    for (let epoch = 0; epoch < 25; epoch++) {
      for (let batch = random.nextInt(4); batch > 0; batch--) {
        const input = random.nextInt(2) as 0 | 1;
        const rows = Array.from({ length: 1 + random.nextInt(6) }, () => (input === 0 ? leftRow(random) : rightRow(random)));
        present[input].push(...rows);
        harness.rows(input, rows);
      }
      const checkpoint = random.nextInt(3) === 0;
      harness.barrier(checkpoint);
      const { rows } = joined(present[0], present[1], shape);
      expect(harness.content.lines(), `seed ${seed} epoch ${epoch}`).toEqual(rows.lines());
      if (shape.joinType === 'inner' || shape.joinType === 'semi') expect(harness.emitted.every((batch) => batch.weights === null)).toBe(true);
      if (checkpoint && random.nextInt(2) === 0) harness.restart();
    }
  }
});

test('a row with a weight is stored as often as it is there', () => {
  const parameters = hashJoinSpecCodec.encode({
    joinType: 'inner',
    leftKeys: [0],
    rightKeys: [1],
    residual: null,
    expiry: [null, null],
    latenessMicros: 0n,
    broadcast: null,
  });
  const harness = new OperatorHarness(hashJoinFactory, parameters, { inputs, appendOnly: true });
  harness.rows(0, [[1n, 'x']], [3]);
  harness.rows(1, [['r', 1n, 0]], [2]);
  expect(harness.barrier()).toEqual(['["1n","x","r","1n",0] x6']);
});

test.each([
  { keyed: true, tested: false },
  { keyed: true, tested: true },
  { keyed: false, tested: false },
])('shows all pairs of its state again, with what has come since, to a reader that begins anew: %o', (conditions) => {
  for (const appendOnly of [false, true]) {
    const shape: Shape = { joinType: 'inner', ...conditions };
    const random = seededRandom(5);
    const sides = [leftRow, rightRow].map((rowOf) => Array.from({ length: 30 }, () => rowOf(random)));
    const harness = new OperatorHarness(hashJoinFactory, parametersOf(shape), { inputs, functions, appendOnly });
    sides.forEach((rows, input) => harness.rows(input, rows.slice(0, 20)));
    harness.barrier(true);
    harness.restartShowing();
    sides.forEach((rows, input) => harness.rows(input, rows.slice(20)));
    expect(harness.barrier()).toEqual(joined(sides[0]!, sides[1]!, shape).rows.lines());
  }
});
