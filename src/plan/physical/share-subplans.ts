import type { OperatorNode, PhysicalPlan } from './physical-plan.ts';

/** The same plan with one node wherever two subplans compute the same: the job has one vertex for it, which all its readers read. */
export function shareSubplans(root: PhysicalPlan): PhysicalPlan {
  const known = new Map<string, { readonly node: PhysicalPlan; readonly number: number }>();
  const share = (plan: PhysicalPlan): { readonly node: PhysicalPlan; readonly number: number } => {
    const inputs = plan.kind === 'relation' ? [] : plan.inputs.map((input) => ({ ...share(input.plan), partitioner: input.partitioner }));
    const text = JSON.stringify([identityOf(plan), inputs.map(({ number, partitioner }) => [number, partitioner])]);
    const found = known.get(text);
    if (found !== undefined) return found;
    const shared = {
      node: plan.kind === 'relation' ? plan : { ...plan, inputs: inputs.map(({ node, partitioner }) => ({ plan: node, partitioner })) },
      number: known.size,
    };
    known.set(text, shared);
    return shared;
  };
  return share(root).node;
}

/** What a node does by itself, names of its columns included: they are part of what it shows. */
function identityOf(plan: PhysicalPlan): readonly unknown[] {
  if (plan.kind === 'relation') return ['relation', plan.relation.oid, plan.paths, plan.columns];
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
