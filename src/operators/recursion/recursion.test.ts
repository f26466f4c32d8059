import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../base/index.ts';
import type { Expression, FunctionLookup } from '../../expr/index.ts';
import type { LogicalPlan, MutualRecursionPlan, RecursionPlan } from '../../plan/logical/index.ts';
import { ReferenceRun } from '../../plan/reference/index.ts';
import { type AggregateDefinition, Registry } from '../../spi/index.ts';
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

/** even AS (base UNION SELECT o.a, e.b FROM odd o JOIN edges e ON o.b = e.a), odd AS (SELECT DISTINCT v.a, e.b FROM even v JOIN edges e ON v.b = e.a) */
function alternating(shown: number): MutualRecursionPlan {
  const scan = (id: string): LogicalPlan => ({ kind: 'recursive-scan', id, name: id, fields });
  const further = (id: string): LogicalPlan => {
    const both = [...fields, ...fields];
    const equal: Expression = { kind: 'call', signature: 'int4 = int4 -> bool', args: [column(1, 'b'), column(2, 'a')], type: boolType };
    const joined = {
      kind: 'join',
      left: scan(id),
      right: scan(inputId(1)),
      joinType: 'inner',
      condition: equal,
      lateral: false,
      fields: both,
    } as const;
    return { kind: 'project', input: joined, expressions: [column(0, 'a'), column(3, 'b')], fields };
  };
  const even: LogicalPlan = { kind: 'set-operation', operator: 'union', all: false, inputs: [scan(inputId(0)), further('odd')], fields };
  const odd: LogicalPlan = { kind: 'distinct', input: further('even'), on: null, fields };
  const bindings = [even, odd].map((plan, index) => ({ id: ['even', 'odd'][index]!, name: ['even', 'odd'][index]!, plan }));
  return { kind: 'mutual-recursion', bindings, shown, limit: null, fields };
}

/** Ways from a base row over an even or odd number of edges: breadth first over the rows with the parity of their length. */
function alternatingModel(base: readonly Row[], edges: readonly Row[], shown: number): string[] {
  const found = new Map(base.map((row) => [rowKey([...row, 0]), { row, odd: 0 }]));
  for (const { row, odd } of found.values()) {
    for (const edge of edges) {
      if (row[1] !== edge[0]) continue;
      const next = { row: [row[0]!, edge[1]!], odd: 1 - odd };
      const key = rowKey([...next.row, next.odd]);
      found.set(key, found.get(key) ?? next);
    }
  }
  const result = new RowSet();
  for (const { row, odd } of found.values()) if (odd === shown) result.add(row, 1);
  return result.lines();
}

test.each([0, 1])('bindings that read each other are right at every epoch, restarts included (binding %i)', (shown) => {
  for (const seed of [1, 2, 3]) {
    const random = seededRandom(seed);
    const sides = [new RandomChanges(random, randomRow), new RandomChanges(random, randomRow)];
    const parameters = recursionSpecCodec.encode({ plan: alternating(shown) });
    const harness = new OperatorHarness(recursionFactory, parameters, { inputs: [types, types], functions });
    for (let epoch = 0; epoch < 30; epoch++) {
      for (let batch = random.nextInt(3); batch > 0; batch--) {
        const input = random.nextInt(2);
        const { rows, weights } = sides[input]!.next(1 + random.nextInt(4));
        harness.rows(input, rows, weights);
      }
      const checkpoint = random.nextInt(3) === 0;
      harness.barrier(checkpoint);
      expect(harness.content.lines(), `seed ${seed} epoch ${epoch}`).toEqual(alternatingModel(sides[0]!.present, sides[1]!.present, shown));
      if (checkpoint && random.nextInt(2) === 0) harness.restart();
    }
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

/** The plan over some rows, as the reference has it. */
function evaluated(plan: RecursionPlan, inputs: readonly (readonly Row[])[]): string[] {
  const run = new ReferenceRun({
    functions,
    aggregates: new Registry<AggregateDefinition>([], ({ signature }) => signature),
    evaluation: { nowMicros: 0n, timeZone: 'UTC' },
    tableFunction: () => {
      throw new Error('no table functions');
    },
    rowsOf: () => [],
  });
  for (const [input, rows] of inputs.entries()) run.setWorkingRows(inputId(input), rows);
  const result = new RowSet();
  for (const row of run.rows(plan)) result.add(row, 1);
  return result.lines();
}

/** base UNION [ALL] SELECT r.a, f.b FROM e JOIN r ON r.b = e.a JOIN f ON e.b = f.a: two joins, one from either side. */
function longer(all: boolean): RecursionPlan {
  const pair = (left: RecursionPlan['base'], right: RecursionPlan['base'], equal: readonly [Expression, Expression]): RecursionPlan['base'] => ({
    kind: 'join',
    left,
    right,
    joinType: 'inner',
    condition: { kind: 'call', signature: 'int4 = int4 -> bool', args: equal, type: boolType },
    lateral: false,
    fields: [...fields, ...fields],
  });
  const scan = (id: string): RecursionPlan['base'] => ({ kind: 'recursive-scan', id, name: id, fields });
  const first = pair(scan(inputId(1)), scan('r'), [column(0, 'a'), column(3, 'b')]);
  const both: RecursionPlan['base'] = { kind: 'project', input: first, expressions: [column(2, 'a'), column(1, 'b')], fields };
  const second = pair(both, scan(inputId(2)), [column(1, 'b'), column(2, 'a')]);
  const step: RecursionPlan['base'] = { kind: 'project', input: second, expressions: [column(0, 'a'), column(3, 'b')], fields };
  return { kind: 'recursion', id: 'r', name: 'r', all, base: scan(inputId(0)), step, fields };
}

/** Ways go up, so that even UNION ALL comes to an end. */
const randomWay = (random: Random): Row => {
  const from = random.nextInt(6);
  return [from, from + 1 + random.nextInt(2)];
};

test.each([false, true])('rows that only come give what the whole recursion gives, ALL %s', (all) => {
  const plan = longer(all);
  for (const seed of [1, 2, 3, 4]) {
    const random = seededRandom(seed);
    const present: Row[][] = [[], [], []];
    const harness = new OperatorHarness(recursionFactory, recursionSpecCodec.encode({ plan }), { inputs: [types, types, types], functions });
    for (let epoch = 0; epoch < 40; epoch++) {
      for (let batch = random.nextInt(3); batch > 0; batch--) {
        const input = random.nextInt(3);
        const rows = present[input]!;
        // Rows go in few epochs, so that many follow each other in which they only come.
        if (random.nextInt(8) === 0 && rows.length > 0) harness.rows(input, rows.splice(random.nextInt(rows.length), 1), [-1]);
        const added = Array.from({ length: random.nextInt(3) }, () => randomWay(random));
        harness.rows(input, added);
        rows.push(...added);
      }
      const checkpoint = random.nextInt(4) === 0;
      harness.barrier(checkpoint);
      expect(harness.content.lines(), `seed ${seed} epoch ${epoch}`).toEqual(evaluated(plan, present));
      if (checkpoint && random.nextInt(3) === 0) harness.restart();
    }
  }
});

test('an epoch in which rows only come costs what is new', () => {
  let compared = 0;
  const counting: FunctionLookup = {
    ...functions,
    function: (signature) => ({
      ...functions.function(signature),
      evaluate: ([left, right]) => {
        compared++;
        return left === right;
      },
    }),
  };
  const harness = new OperatorHarness(recursionFactory, recursionSpecCodec.encode({ plan: closure }), {
    inputs: [types, types],
    functions: counting,
  });
  const ways = Array.from({ length: 2000 }, (_, at): Row => [2 * at, 2 * at + 1]);
  harness.rows(0, ways);
  harness.rows(1, ways);
  harness.barrier();
  compared = 0;
  harness.rows(1, [[7, 100_000]]);
  expect(harness.barrier()).toEqual(['[6,100000]']);
  expect(compared).toBeLessThan(10);
});
