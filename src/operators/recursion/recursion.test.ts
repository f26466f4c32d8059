import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import type { Expression, FunctionLookup } from '../../expr/index.ts';
import type { RecursionPlan } from '../../plan/logical/index.ts';
import { boolType, int4Type, type SqlType } from '../../types/index.ts';
import { OperatorHarness, RandomChanges, type Row, RowSet, rowKey } from '../testing/index.ts';
import { recursionFactory } from './operator.ts';
import { planFromJson, planToJson } from './plan-json.ts';
import { inputId, recursionSpecCodec } from './spec.ts';

const types: readonly SqlType[] = [int4Type, int4Type];
const fields = [
  { name: 'a', type: int4Type },
  { name: 'b', type: int4Type },
];

const functions: FunctionLookup = {
  function: () => ({
    name: '=',
    signature: 'int4 = int4 -> bool',
    argumentTypes: types,
    resultType: boolType,
    volatility: 'immutable',
    fallible: false,
    description: '',
    examples: [],
    family: 'operator',
    evaluate: ([left, right]) => left === right,
  }),
  cast: () => {
    throw new Error('no casts');
  },
};

const column = (index: number, name: string): Expression => ({ kind: 'column', index, name, type: int4Type });

/** base UNION SELECT r.a, e.b FROM r JOIN e ON r.b = e.a */
const closure: RecursionPlan = {
  kind: 'recursion',
  id: 'r',
  name: 'r',
  all: false,
  base: { kind: 'recursive-scan', id: inputId(0), name: 'base', fields },
  step: {
    kind: 'project',
    input: {
      kind: 'join',
      left: { kind: 'recursive-scan', id: 'r', name: 'r', fields },
      right: { kind: 'recursive-scan', id: inputId(1), name: 'e', fields },
      joinType: 'inner',
      condition: { kind: 'call', signature: 'int4 = int4 -> bool', args: [column(1, 'b'), column(2, 'a')], type: boolType },
      lateral: false,
      fields: [...fields, ...fields],
    },
    expressions: [column(0, 'a'), column(3, 'b')],
    fields,
  },
  fields,
};

function expected(base: readonly Row[], edges: readonly Row[]): string[] {
  const found = new Map(base.map((row) => [rowKey(row), row]));
  for (const row of found.values()) {
    for (const edge of edges) {
      const next: Row = [row[0]!, edge[1]!];
      if (row[1] === edge[0]) found.set(rowKey(next), found.get(rowKey(next)) ?? next);
    }
  }
  const result = new RowSet();
  for (const row of found.values()) result.add(row, 1);
  return result.lines();
}

const randomRow = (random: Random): Row => [random.nextInt(5), random.nextInt(5)];

test.each([1, 2, 3])('a closure is right at every epoch, restarts included (seed %i)', (seed) => {
  const random = seededRandom(seed);
  const sides = [new RandomChanges(random, randomRow), new RandomChanges(random, randomRow)];
  const harness = new OperatorHarness(recursionFactory, recursionSpecCodec.encode({ plan: closure }), { inputs: [types, types], functions });
  for (let epoch = 0; epoch < 40; epoch++) {
    for (let batch = random.nextInt(3); batch > 0; batch--) {
      const input = random.nextInt(2);
      const { rows, weights } = sides[input]!.next(1 + random.nextInt(4));
      harness.rows(input, rows, weights);
    }
    const checkpoint = random.nextInt(3) === 0;
    harness.barrier(checkpoint);
    expect(harness.content.lines(), `seed ${seed} epoch ${epoch}`).toEqual(expected(sides[0]!.present, sides[1]!.present));
    if (checkpoint && random.nextInt(2) === 0) harness.restart();
  }
});

test('a plan survives JSON with its literals', () => {
  const literals: readonly Expression[] = [
    { kind: 'literal', value: -0, type: { kind: 'float8' } },
    { kind: 'literal', value: 9_007_199_254_740_993n, type: { kind: 'int8' } },
    { kind: 'literal', value: Uint8Array.of(0, 255), type: { kind: 'bytea' } },
    { kind: 'literal', value: { mantissa: 150n, scale: 2 }, type: { kind: 'numeric', precision: null, scale: null } },
    { kind: 'literal', value: null, type: int4Type },
  ];
  const plan = { kind: 'values' as const, rows: [literals], fields: literals.map(({ type }) => ({ name: 'x', type })) };
  expect(planFromJson(JSON.parse(JSON.stringify(planToJson(plan))))).toEqual(plan);
});
