import type { LogicalPlan, MutualRecursionPlan, RecursionPlan } from '../../plan/logical/index.ts';
import type { SqlType } from '../../types/index.ts';
import { inputId } from './spec.ts';

/** A node between the recursion's own rows and the result of its step; `input`: the operator's input that is its other side, where it has one. */
export interface StepNode {
  readonly plan: Extract<LogicalPlan, { readonly kind: 'filter' | 'project' | 'distinct' | 'join' }>;
  readonly ownIsLeft: boolean;
  readonly input: number | null;
}

/** Types of which equal values are the same value: it does not matter which of them is seen first. */
const ONE_FORM: ReadonlySet<SqlType['kind']> = new Set([
  'bool',
  'int2',
  'int4',
  'int8',
  'text',
  'varchar',
  'date',
  'timestamp',
  'timestamptz',
  'uuid',
]);

/**
 * The nodes of a step to which rows can be added one by one, from the recursion's own rows upwards: more rows never take any away. Null for any other
 * step. The other sides are inputs of the operator. A UNION in a step is none: its other arm comes in every round, and in none where the base has no row.
 */
export function monotoneStep(plan: RecursionPlan | MutualRecursionPlan): readonly StepNode[] | null {
  if (plan.kind === 'mutual-recursion') return null;
  if (!plan.all && !plan.fields.every(({ type }) => ONE_FORM.has(type.kind))) return null;
  if (inputOf(plan.base) === null) return null;
  const nodes: StepNode[] = [];
  let node = plan.step;
  while (!(node.kind === 'recursive-scan' && node.id === plan.id)) {
    const found = stepNode(node, plan);
    if (found === null) return null;
    nodes.unshift(found.step);
    node = found.own;
  }
  return nodes;
}

/** Which input of the operator a plan is; null where it is none. */
export function inputOf(plan: LogicalPlan): number | null {
  if (plan.kind !== 'recursive-scan') return null;
  const input = Number(plan.id.slice(inputId(0).length - 1));
  return inputId(input) === plan.id ? input : null;
}

function stepNode(node: LogicalPlan, { all }: RecursionPlan): { readonly step: StepNode; readonly own: LogicalPlan } | null {
  switch (node.kind) {
    case 'filter':
    case 'project':
      return { step: { plan: node, ownIsLeft: true, input: null }, own: node.input };
    case 'distinct':
      return node.on !== null || all ? null : { step: { plan: node, ownIsLeft: true, input: null }, own: node.input };
    case 'join':
      return joinNode(node);
    default:
      return null;
  }
}

function joinNode(node: Extract<LogicalPlan, { readonly kind: 'join' }>): { readonly step: StepNode; readonly own: LogicalPlan } | null {
  if (node.lateral || (node.joinType !== 'inner' && node.joinType !== 'cross')) return null;
  const ownIsLeft = inputOf(node.left) === null;
  const input = inputOf(ownIsLeft ? node.right : node.left);
  return input === null ? null : { step: { plan: node, ownIsLeft, input }, own: ownIsLeft ? node.left : node.right };
}
