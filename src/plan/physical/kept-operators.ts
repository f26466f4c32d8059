import { planOperatorId } from './operator-id.ts';
import type { OperatorNode, PhysicalPlan } from './physical-plan.ts';

/** A job's plan and what its operators' ids are made with. */
export interface IdentifiedPlan {
  readonly root: PhysicalPlan;
  readonly disambiguator: string;
}

/** Operators of a plan whose state a changed plan goes on with. */
export interface KeptOperators {
  /** Ids in the changed plan, each with the one in the plan before. */
  readonly ids: ReadonlyMap<string, string>;
  /** Of the changed plan: operators that show what they have once more, because what reads them begins anew; by id. */
  readonly shown: ReadonlyMap<string, OperatorNode>;
}

/**
 * What of a plan a changed one can keep: an operator keeps its state where all below it computes what it did, so it would be handed the same rows. Null unless every input
 * comes in through such operators: one that begins anew and reads a relation by itself would need all of its rows, while those kept need only the next ones.
 */
export function keptOperators(before: IdentifiedPlan, after: IdentifiedPlan): KeptOperators | null {
  // The same hash for what computes the same, whatever object it belongs to.
  const meaning = new Map<PhysicalPlan, string>();
  const meaningOf = (plan: PhysicalPlan): string => planOperatorId(plan, '', meaning);
  const known = new Map(operatorsOf([before.root]).map((node) => [meaningOf(node), planOperatorId(node, before.disambiguator)]));
  const shown = new Set<OperatorNode>();
  const comesThrough = (plan: PhysicalPlan): boolean => {
    if (plan.kind === 'relation') return false;
    if (plan.showsAgain !== true || !known.has(meaningOf(plan)))
      return plan.inputs.length > 0 && plan.inputs.every((input) => comesThrough(input.plan));
    shown.add(plan);
    return true;
  };
  if (!comesThrough(after.root)) return null;
  const kept = operatorsOf([...shown]);
  // What it shows again would be more to an operator that has seen it; and one without inputs brings all of its rows again.
  if (kept.some((node) => node.inputs.length === 0 || node.inputs.some(({ plan }) => plan.kind === 'operator' && shown.has(plan)))) return null;
  const idOf = (node: OperatorNode): string => planOperatorId(node, after.disambiguator);
  return {
    ids: new Map(kept.map((node) => [idOf(node), known.get(meaningOf(node))!])),
    shown: new Map([...shown].map((node) => [idOf(node), node])),
  };
}

/** These operators and all below them, each once. */
function operatorsOf(roots: readonly PhysicalPlan[]): OperatorNode[] {
  const found = new Set<OperatorNode>();
  const visit = (plan: PhysicalPlan): void => {
    if (plan.kind === 'relation' || found.has(plan)) return;
    found.add(plan);
    for (const input of plan.inputs) visit(input.plan);
  };
  for (const root of roots) visit(root);
  return [...found];
}
