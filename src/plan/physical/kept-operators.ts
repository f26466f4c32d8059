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
  const compared = comparePlans(before, after);
  return typeof compared === 'string' ? null : compared;
}

/** Of operators that are in both plans and whose state goes all the same: the reason, by the id in the plan before. */
export function reasonsNotKept(before: IdentifiedPlan, after: IdentifiedPlan): ReadonlyMap<string, string> {
  const compared = comparePlans(before, after);
  const kept = new Set(typeof compared === 'string' ? [] : compared.ids.values());
  const { meaningOf } = meanings();
  const meant = new Set(operatorsOf([after.root]).map(meaningOf));
  const reasons = new Map<string, string>();
  for (const node of operatorsOf([before.root])) {
    const id = planOperatorId(node, before.disambiguator);
    if (kept.has(id) || !meant.has(meaningOf(node))) continue;
    if (node.showsAgain !== true) reasons.set(id, node.cannotShow ?? 'it cannot show its rows again to what is above it');
    else if (typeof compared === 'string') reasons.set(id, compared);
  }
  return reasons;
}

/** What is kept, or why nothing is. */
function comparePlans(before: IdentifiedPlan, after: IdentifiedPlan): KeptOperators | string {
  const { meaningOf } = meanings();
  const known = new Map(operatorsOf([before.root]).map((node) => [meaningOf(node), planOperatorId(node, before.disambiguator)]));
  const isKnown = (plan: OperatorNode): boolean => known.has(meaningOf(plan));
  const uncovered = shownOperators(after.root, isKnown);
  if (typeof uncovered === 'string') return uncovered;
  const kept = operatorsOf([...uncovered]);
  // What it shows again would be more to an operator that has seen it; and one without inputs brings all of its rows again.
  if (kept.some((node) => node.inputs.some(({ plan }) => plan.kind === 'operator' && uncovered.has(plan)))) {
    return 'one of its readers begins anew, and another one would see its rows twice';
  }
  if (kept.some((node) => node.inputs.length === 0)) return 'rows that the query itself has in it would come twice';
  const idOf = (node: OperatorNode): string => planOperatorId(node, after.disambiguator);
  return {
    ids: new Map(kept.map((node) => [idOf(node), known.get(meaningOf(node))!])),
    shown: new Map([...uncovered].map((node) => [idOf(node), node])),
  };
}

/** The uppermost operators that go on with what they have and can show it; why not where something begins anew that does not come through them. */
function shownOperators(root: PhysicalPlan, isKnown: (plan: OperatorNode) => boolean): ReadonlySet<OperatorNode> | string {
  const shown = new Set<OperatorNode>();
  let obstacle: string | null = null;
  const visit = (plan: PhysicalPlan, closes: boolean): void => {
    if (plan.kind === 'relation') {
      obstacle ??= `what begins anew reads ${plan.relation.name} by itself, from its first row on`;
    } else if (plan.showsAgain === true && isKnown(plan)) {
      // Of rows as old as those it would show nobody has heard for long.
      if (closes && plan.latenessMicros !== null) obstacle ??= 'what begins anew above it forgets by a watermark, which has passed most of its rows';
      shown.add(plan);
    } else {
      if (plan.inputs.length === 0) obstacle ??= 'rows that the query itself has in it would come twice';
      for (const input of plan.inputs) visit(input.plan, closes || forgetsByWatermark(plan));
    }
  };
  visit(root, false);
  return obstacle ?? shown;
}

function forgetsByWatermark({ state }: OperatorNode): boolean {
  return state.kept.some(({ bound }) => bound.kind === 'time' && bound.by !== 'now' && bound.by !== 'TTL');
}

/** The same hash for what computes the same, whatever object it belongs to. */
function meanings(): { readonly meaningOf: (plan: PhysicalPlan) => string } {
  const known = new Map<PhysicalPlan, string>();
  return { meaningOf: (plan) => planOperatorId(plan, '', known) };
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
