import type { OperatorNode, PhysicalInput, PhysicalPlan, RelationNode } from './physical-plan.ts';

interface Shared {
  readonly node: PhysicalPlan;
  readonly number: number;
  /** The number of the first node that stands for the same in the ids of operators: for operators their own. */
  readonly meaning: number;
}

/**
 * The same plan with one node wherever two subplans compute the same: the job has one vertex for it, which all its readers read. Nodes that differ in no more than
 * what ids of operators leave out (names of columns, versions) stay two, and are told apart as twins.
 */
export function shareSubplans(root: PhysicalPlan): PhysicalPlan {
  const known = new Map<string, Shared>();
  const relations = new Map<string, number>();
  const twins = new Map<string, number>();
  const share = (plan: PhysicalPlan): Shared => {
    const inputs = plan.kind === 'relation' ? [] : plan.inputs.map((input) => ({ ...share(input.plan), partitioner: input.partitioner }));
    const text = JSON.stringify([identityOf(plan), inputs.map(({ number, partitioner }) => [number, partitioner])]);
    const found = known.get(text);
    if (found !== undefined) return found;
    const number = known.size;
    const shared =
      plan.kind === 'relation'
        ? { node: plan, number, meaning: sameRelation(plan, number) }
        : { node: shareNode(plan, inputs), number, meaning: number };
    known.set(text, shared);
    return shared;
  };
  const sameRelation = ({ relation, paths }: RelationNode, number: number): number => {
    const text = JSON.stringify([relation.oid, paths]);
    const first = relations.get(text) ?? number;
    relations.set(text, first);
    return first;
  };
  const shareNode = (plan: OperatorNode, inputs: readonly (Shared & Pick<PhysicalInput, 'partitioner'>)[]): OperatorNode => {
    const text = JSON.stringify([plan.operator.kind, plan.operator.parameters, inputs.map(({ meaning }) => meaning)]);
    const twin = twins.get(text) ?? 0;
    twins.set(text, twin + 1);
    const shared = { ...plan, inputs: inputs.map(({ node, partitioner }) => ({ plan: node, partitioner })) };
    return twin === 0 ? shared : { ...shared, twin };
  };
  return share(root).node;
}

/** What a node does by itself, names of its columns included: they are part of what it shows. */
function identityOf(plan: PhysicalPlan): readonly unknown[] {
  if (plan.kind === 'relation') return ['relation', plan.relation.oid, plan.setAside ?? null, plan.paths, plan.columns, plan.routing ?? null];
  const { kind, version, parameters } = plan.operator;
  return [kind, version, parameters, plan.parallelism, plan.columns];
}

/** Nodes that more than one input reads. */
export function subplansReadTwice(root: PhysicalPlan): ReadonlySet<OperatorNode> {
  const seen = new Set<PhysicalPlan>();
  const twice = new Set<OperatorNode>();
  const visit = (plan: PhysicalPlan): void => {
    if (plan.kind === 'relation') return;
    if (seen.has(plan)) {
      twice.add(plan);
      return;
    }
    seen.add(plan);
    for (const input of plan.inputs) visit(input.plan);
  };
  visit(root);
  return twice;
}
