import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import type { Expression, FunctionLookup } from '../../expr/index.ts';
import { boolType, int4Type, int8Type, type SqlType, textType } from '../../types/index.ts';
import { OperatorHarness, RandomChanges, type Row, RowSet } from '../testing/index.ts';
import { hashJoinFactory } from './operator.ts';
import { hashJoinSpecCodec } from './spec.ts';

const inputs: readonly (readonly SqlType[])[] = [
  [int8Type, textType],
  [textType, int8Type, int4Type],
];

const functions: FunctionLookup = {
  function: () => ({
    name: '<>',
    signature: 'text <> text -> bool',
    argumentTypes: [textType, textType],
    resultType: boolType,
    volatility: 'immutable',
    fallible: false,
    description: '',
    examples: [],
    family: 'operator',
    evaluate: ([left, right]) => left !== right,
  }),
  cast: () => {
    throw new Error('no casts');
  },
};

/** left.text <> right.text */
const residual: Expression = {
  kind: 'call',
  signature: 'text <> text -> bool',
  type: boolType,
  args: [
    { kind: 'column', index: 1, name: 'l', type: textType },
    { kind: 'column', index: 2, name: 'r', type: textType },
  ],
};

function maybe<Value>(random: Random, value: Value): Value | null {
  return random.nextInt(6) === 0 ? null : value;
}

const leftRow = (random: Random): Row => [maybe(random, BigInt(random.nextInt(4))), maybe(random, ['x', 'y'][random.nextInt(2)]!)];
const rightRow = (random: Random): Row => [
  maybe(random, ['x', 'y'][random.nextInt(2)]!),
  maybe(random, BigInt(random.nextInt(4))),
  random.nextInt(2),
];

function expected(left: readonly Row[], right: readonly Row[], keyed: boolean, tested: boolean): string[] {
  const result = new RowSet();
  for (const one of left) {
    for (const other of right) {
      if (keyed && (one[0] === null || one[0] !== other[1])) continue;
      if (tested && (one[1] === null || other[0] === null || one[1] === other[0])) continue;
      result.add([...one, ...other], 1);
    }
  }
  return result.lines();
}

test.each([
  { seed: 1, keyed: true, tested: false },
  { seed: 2, keyed: true, tested: true },
  { seed: 3, keyed: true, tested: true },
  { seed: 4, keyed: false, tested: true },
])('equals the join from nothing at every epoch, restarts included: %o', ({ seed, keyed, tested }) => {
  const random = seededRandom(seed);
  const sides = [new RandomChanges(random, leftRow), new RandomChanges(random, rightRow)];
  const parameters = hashJoinSpecCodec.encode({ leftKeys: keyed ? [0] : [], rightKeys: keyed ? [1] : [], residual: tested ? residual : null });
  const harness = new OperatorHarness(hashJoinFactory, parameters, { inputs, functions });
  for (let epoch = 0; epoch < 40; epoch++) {
    for (let batch = random.nextInt(4); batch > 0; batch--) {
      const input = random.nextInt(2);
      const { rows, weights } = sides[input]!.next(1 + random.nextInt(8));
      harness.rows(input, rows, weights);
    }
    const checkpoint = random.nextInt(3) === 0;
    harness.barrier(checkpoint);
    expect(harness.content.lines(), `seed ${seed} epoch ${epoch}`).toEqual(expected(sides[0]!.present, sides[1]!.present, keyed, tested));
    if (checkpoint && random.nextInt(2) === 0) harness.restart();
  }
});

test('inputs that are only added to give rows without weights, repeated as often as they are there', () => {
  const parameters = hashJoinSpecCodec.encode({ leftKeys: [0], rightKeys: [1], residual: null });
  const harness = new OperatorHarness(hashJoinFactory, parameters, { inputs, appendOnly: true });
  harness.rows(0, [
    [1n, 'x'],
    [1n, 'x'],
  ]);
  harness.rows(1, [['r', 1n, 0]]);
  expect(harness.barrier()).toEqual(['["1n","x","r","1n",0] x2']);
  expect(harness.emitted.every((batch) => batch.weights === null)).toBe(true);
});

test.each([11, 12])('inputs that are only added to are kept through restarts, equal rows and all (seed %i)', (seed) => {
  const random = seededRandom(seed);
  const present: [Row[], Row[]] = [[], []];
  const parameters = hashJoinSpecCodec.encode({ leftKeys: [0], rightKeys: [1], residual });
  const harness = new OperatorHarness(hashJoinFactory, parameters, { inputs, functions, appendOnly: true });
  for (let epoch = 0; epoch < 25; epoch++) {
    for (let batch = random.nextInt(4); batch > 0; batch--) {
      const input = random.nextInt(2) as 0 | 1;
      const rows = Array.from({ length: 1 + random.nextInt(6) }, () => (input === 0 ? leftRow(random) : rightRow(random)));
      present[input].push(...rows);
      harness.rows(input, rows);
    }
    const checkpoint = random.nextInt(3) === 0;
    harness.barrier(checkpoint);
    expect(harness.content.lines(), `epoch ${epoch}`).toEqual(expected(present[0], present[1], true, true));
    if (checkpoint && random.nextInt(2) === 0) harness.restart();
  }
});

test('a row with a weight is stored as often as it is there', () => {
  const parameters = hashJoinSpecCodec.encode({ leftKeys: [0], rightKeys: [1], residual: null });
  const harness = new OperatorHarness(hashJoinFactory, parameters, { inputs, appendOnly: true });
  harness.rows(0, [[1n, 'x']], [3]);
  harness.rows(1, [['r', 1n, 0]], [2]);
  expect(harness.barrier()).toEqual(['["1n","x","r","1n",0] x6']);
});
