import { expect, test } from 'vitest';
import { int4Type } from '../../types/index.ts';
import { planOperatorId } from './operator-id.ts';
import type { OperatorNode, PhysicalPlan } from './physical-plan.ts';
import { shareSubplans } from './share-subplans.ts';

const traits = { appendOnly: false, net: false, distribution: { kind: 'any' }, uniqueKeys: [], window: null, latenessMicros: null } as const;

function relation(name: string): PhysicalPlan {
  const relation = { oid: 1 } as Extract<PhysicalPlan, { kind: 'relation' }>['relation'];
  return { ...traits, kind: 'relation', relation, paths: [[0]], columns: [{ name, type: int4Type }] };
}

function operator(kind: string, inputs: readonly PhysicalPlan[], name: string): OperatorNode {
  return {
    ...traits,
    kind: 'operator',
    columns: [{ name, type: int4Type }],
    operator: { kind, version: 1, parameters: 0, label: kind },
    inputs: inputs.map((plan) => ({ plan, partitioner: { kind: 'forward' } })),
    state: { kept: [], content: 'input' },
    parallelism: 'all',
  };
}

function operatorsOf(plan: PhysicalPlan, found = new Set<OperatorNode>()): ReadonlySet<OperatorNode> {
  if (plan.kind === 'relation') return found;
  found.add(plan);
  for (const input of plan.inputs) operatorsOf(input.plan, found);
  return found;
}

test('what computes and shows the same is one node', () => {
  const branch = (): PhysicalPlan => operator('aggregate', [operator('join', [relation('k')], 'k')], 'k');
  expect(operatorsOf(shareSubplans(operator('union', [branch(), branch()], 'k'))).size).toBe(3);
});

test('operators that differ in names only have ids, and so state, of their own, and so has what reads them', () => {
  const branch = (name: string): PhysicalPlan => operator('aggregate', [operator('join', [relation(name)], name)], 'k');
  const operators = [...operatorsOf(shareSubplans(operator('union', [branch('p'), branch('q'), branch('r')], 'k')))];
  expect(operators).toHaveLength(7);
  expect(new Set(operators.map((node) => planOperatorId(node, 'v'))).size).toBe(7);
  // The first of them is called what it is called alone.
  const alone = [...operatorsOf(shareSubplans(branch('p')))].map((node) => planOperatorId(node, 'v'));
  expect(operators.map((node) => planOperatorId(node, 'v'))).toEqual(expect.arrayContaining(alone));
});
