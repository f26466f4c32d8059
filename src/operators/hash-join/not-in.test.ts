import { expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { type Batch, batchFromRows } from '../../batch/index.ts';
import type { Expression } from '../../expr/index.ts';
import { aggregateFunctions } from '../../functions/aggregate/index.ts';
import type { JoinPlan, LogicalPlan } from '../../plan/logical/index.ts';
import { type LoweringContext, type OperatorNode, type PhysicalPlan, STATELESS } from '../../plan/physical/index.ts';
import { lookup } from '../../plan/testing/plan-fixture.ts';
import { type AggregateDefinition, type OperatorFactory, Registry } from '../../spi/index.ts';
import { boolType, int8Type } from '../../types/index.ts';
import { calcFactory } from '../calc/index.ts';
import { OperatorHarness, RandomChanges, type Row, RowSet } from '../testing/index.ts';
import { lowerHashJoin } from './lower.ts';
import { hashJoinFactory } from './operator.ts';

const fields = ['k', 'v'].map((name) => ({ name, type: int8Type }));
const values = (): LogicalPlan => ({ kind: 'values', rows: [], fields });
const [left, right] = [values(), values()];

function column(index: number): Expression {
  return { kind: 'column', index, name: `c${index}`, type: int8Type };
}

function equal(one: number, other: number): Expression {
  return { kind: 'call', signature: 'int8 = int8 -> bool', type: boolType, args: [column(one), column(other)] };
}

const lenient: Expression = { kind: 'coalesce', args: [equal(1, 3), { kind: 'literal', type: boolType, value: true }], type: boolType };
const correlation = equal(0, 2);

/** `v NOT IN (SELECT v FROM right [WHERE right.k = left.k])` */
function notIn(correlated: boolean): JoinPlan {
  const condition: Expression = correlated ? { kind: 'logical', operator: 'and', args: [correlation, lenient], type: boolType } : lenient;
  return { kind: 'join', left, right, joinType: 'anti', condition, lateral: false, fields };
}

function inputNode(input: number): PhysicalPlan {
  return {
    kind: 'operator',
    operator: { kind: 'input', version: 1, parameters: input, label: '' },
    state: STATELESS,
    inputs: [],
    parallelism: 'all',
    columns: fields,
    appendOnly: false,
    net: false,
    distribution: { kind: 'any' },
    uniqueKeys: [],
    window: null,
    latenessMicros: null,
  };
}

const factories = new Map<string, OperatorFactory>([calcFactory, hashJoinFactory].map((factory) => [factory.kind, factory]));

/** Runs the operators of a plan, one harness each. */
class PlanHarness {
  readonly content = new RowSet();
  readonly #root: PhysicalPlan;
  readonly #harnesses = new Map<OperatorNode, OperatorHarness>();

  constructor(root: PhysicalPlan) {
    this.#root = root;
  }

  epoch(changes: readonly (readonly Batch[])[]): void {
    const emitted = new Map<OperatorNode, readonly Batch[]>();
    for (const batch of this.#run(this.#root, changes, emitted)) this.content.addBatch(batch);
  }

  #run(plan: PhysicalPlan, changes: readonly (readonly Batch[])[], emitted: Map<OperatorNode, readonly Batch[]>): readonly Batch[] {
    if (plan.kind === 'relation') throw new Error('no relations here');
    if (plan.operator.kind === 'input') return changes[plan.operator.parameters as number]!;
    const done = emitted.get(plan);
    if (done !== undefined) return done;
    const harness = this.#harnessOf(plan);
    for (const [input, { plan: below }] of plan.inputs.entries()) {
      for (const batch of this.#run(below, changes, emitted)) harness.batch(input, batch);
    }
    harness.barrier();
    emitted.set(plan, harness.emitted);
    return harness.emitted;
  }

  #harnessOf(plan: OperatorNode): OperatorHarness {
    const found = this.#harnesses.get(plan);
    if (found !== undefined) return found;
    const inputs = plan.inputs.map((input) => input.plan.columns.map(({ type }) => type));
    const harness = new OperatorHarness(factories.get(plan.operator.kind)!, plan.operator.parameters, { inputs, functions: lookup });
    this.#harnesses.set(plan, harness);
    return harness;
  }
}

const context: LoweringContext = {
  emit: 'on-update',
  stateTtl: () => null,
  functions: lookup,
  aggregates: new Registry<AggregateDefinition>(aggregateFunctions, (definition) => definition.signature),
  tableFunction: (name) => {
    throw new Error(`no table function ${name} here`);
  },
  lookedUp: () => null,
  lower: (plan) => inputNode(plan === left ? 0 : 1),
};

function expected(rows: readonly Row[], others: readonly Row[], correlated: boolean): string[] {
  const result = new RowSet();
  for (const row of rows) {
    const inner = correlated ? others.filter((other) => row[0] !== null && row[0] === other[0]) : others;
    const found = inner.some((other) => row[1] === null || other[1] === null || row[1] === other[1]);
    if (!found) result.add(row, 1);
  }
  return result.lines();
}

test.each([false, true])('NOT IN is three hashed anti joins with the answer of SQL at every epoch (correlated: %s)', (correlated) => {
  const plan = lowerHashJoin.lower(notIn(correlated), context)!;
  const kinds: string[] = [];
  const visit = (node: PhysicalPlan): void => {
    if (node.kind !== 'operator') return;
    if (node.operator.kind === 'hash-join') kinds.push(node.operator.label);
    const [first] = node.inputs;
    if (first !== undefined) visit(first.plan);
  };
  visit(plan);
  expect(kinds).toHaveLength(3);
  expect(kinds.join()).not.toContain('coalesce');
  for (const seed of [1, 2, 3]) {
    const random = seededRandom(seed);
    const value = (limit: number, nullsIn: number): bigint | null => (random.nextInt(nullsIn) === 0 ? null : BigInt(random.nextInt(limit)));
    const sides = [new RandomChanges(random, () => [value(2, 9), value(6, 6)]), new RandomChanges(random, () => [value(2, 9), value(6, 20)])];
    const harness = new PlanHarness(plan);
    for (let epoch = 0; epoch < 40; epoch++) {
      const changes = sides.map((side) => {
        const { rows, weights } = side.next(random.nextInt(4));
        const gone = random.nextInt(5) === 0 ? side.present.splice(0) : [];
        const all = [...rows, ...gone];
        return all.length === 0 ? [] : [batchFromRows([int8Type, int8Type], all, [...weights, ...gone.map(() => -1)])];
      });
      harness.epoch(changes);
      expect(harness.content.lines(), `seed ${seed} epoch ${epoch}`).toEqual(expected(sides[0]!.present, sides[1]!.present, correlated));
    }
  }
});
