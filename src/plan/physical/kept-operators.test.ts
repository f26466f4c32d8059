import { expect, test } from 'vitest';
import { keptOperators, reasonsNotKept } from './kept-operators.ts';
import type { OperatorNode, PhysicalPlan } from './physical-plan.ts';

const traits = {
  columns: [],
  appendOnly: false,
  net: false,
  distribution: { kind: 'any' },
  uniqueKeys: [],
  window: null,
  latenessMicros: null,
} as const;

function relation(number: number): PhysicalPlan {
  const relation = { oid: number, name: `r${number}` } as Extract<PhysicalPlan, { kind: 'relation' }>['relation'];
  return { ...traits, kind: 'relation', relation, paths: [[0]] };
}

function operator(kind: string, inputs: readonly PhysicalPlan[], parameters: number | string = 0): OperatorNode {
  return {
    ...traits,
    kind: 'operator',
    operator: { kind, version: 1, parameters, label: `${kind} ${parameters}` },
    inputs: inputs.map((plan) => ({ plan, partitioner: { kind: 'forward' } })),
    state: { kept: [], content: 'input' },
    parallelism: 'all',
    ...(kind === 'aggregate' && { showsAgain: true }),
  };
}

const materialize = (input: PhysicalPlan, name: string): OperatorNode => operator('materialize', [input], name);

function kept(before: PhysicalPlan, after: PhysicalPlan): { readonly shown: string[]; readonly ids: number } | null {
  const found = keptOperators({ root: materialize(before, 'v1'), disambiguator: '1' }, { root: materialize(after, 'v2'), disambiguator: '2' });
  return found === null ? null : { shown: [...found.shown.values()].map((node) => node.operator.label), ids: found.ids.size };
}

const t = relation(1);
const u = relation(2);

test('the uppermost operators that compute what they did are kept, with all below them', () => {
  const aggregate = operator('aggregate', [operator('join', [t, u])]);
  expect(kept(operator('calc', [aggregate], 1), operator('calc', [aggregate], 2))).toEqual({ shown: ['aggregate 0'], ids: 2 });
  const upper = operator('aggregate', [operator('calc', [aggregate], 1)], 9);
  expect(kept(upper, operator('calc', [upper], 3))).toEqual({ shown: ['aggregate 9'], ids: 4 });
  expect(kept(upper, operator('aggregate', [operator('calc', [aggregate], 2)], 9))).toEqual({ shown: ['aggregate 0'], ids: 2 });
  expect(kept(operator('union', [aggregate, operator('aggregate', [u])]), operator('join', [operator('aggregate', [u]), aggregate]))?.shown).toEqual([
    'aggregate 0',
    'aggregate 0',
  ]);
});

test('nothing is kept where the input, the operator or the relation is another', () => {
  const aggregate = operator('aggregate', [operator('calc', [t], 1)]);
  expect(kept(aggregate, operator('aggregate', [operator('calc', [t], 2)]))).toBeNull();
  expect(kept(aggregate, operator('aggregate', [operator('calc', [t], 1)], 1))).toBeNull();
  expect(kept(aggregate, operator('aggregate', [operator('calc', [relation(3)], 1)]))).toBeNull();
  expect(kept(operator('join', [t, u]), operator('calc', [operator('join', [t, u])]))).toBeNull();
});

test('nothing is kept where something that begins anew reads a relation or rows of its own', () => {
  const aggregate = operator('aggregate', [t]);
  expect(kept(aggregate, operator('join', [aggregate, u]))).toBeNull();
  expect(kept(aggregate, operator('union', [aggregate, operator('values', [])]))).toBeNull();
  const ofValues = operator('aggregate', [operator('union', [t, operator('values', [])])]);
  expect(kept(ofValues, operator('calc', [ofValues]))).toBeNull();
});

test('nothing is kept where an operator would have to show its rows to one reader and not to another', () => {
  const lower = operator('aggregate', [t], 1);
  const upper = operator('aggregate', [lower], 2);
  expect(kept(upper, operator('join', [upper, lower]))).toBeNull();
});

/** By the label of the operator before. */
function reasons(before: PhysicalPlan, after: PhysicalPlan): string[] {
  const plans = [materialize(before, 'v1'), materialize(after, 'v2')].map((root, index) => ({ root, disambiguator: `${index}` }));
  return [...reasonsNotKept(plans[0]!, plans[1]!).values()];
}

test('what is in both plans and not kept has a reason', () => {
  const closed: OperatorNode = { ...operator('windows', [t]), cannotShow: 'closed windows are gone' };
  expect(reasons(operator('calc', [closed], 1), operator('calc', [closed], 2))).toEqual(['closed windows are gone']);
  const silent = operator('join', [t, u]);
  expect(reasons(silent, operator('calc', [silent]))).toEqual(['it cannot show its rows again to what is above it']);
  const aggregate = operator('aggregate', [t]);
  expect(reasons(aggregate, operator('calc', [aggregate]))).toEqual([]);
  expect(reasons(aggregate, operator('aggregate', [t], 1))).toEqual([]);
  const upper = operator('aggregate', [aggregate], 2);
  expect(reasons(upper, operator('join', [upper, aggregate]))).toEqual(
    Array(2).fill('one of its readers begins anew, and another one would see its rows twice'),
  );
  expect(reasons(aggregate, operator('union', [aggregate, operator('values', [])]))).toEqual([
    'rows that the query itself has in it would come twice',
  ]);
});

test('rows under a watermark are not shown again to what would forget them by it', () => {
  const timed: OperatorNode = { ...operator('aggregate', [t]), latenessMicros: 0n };
  const window = (by: 'watermark' | 'now'): OperatorNode => ({
    ...operator('window', [timed]),
    state: { kept: [{ what: 'groups', key: [], columns: [], bound: { kind: 'time', by, until: 'later' } }], content: 'input' },
  });
  expect(kept(timed, operator('calc', [timed]))?.ids).toBe(1);
  expect(kept(timed, window('now'))?.ids).toBe(1);
  expect(kept(timed, window('watermark'))).toBeNull();
  expect(reasons(timed, window('watermark'))).toEqual(['what begins anew above it forgets by a watermark, which has passed most of its rows']);
});
