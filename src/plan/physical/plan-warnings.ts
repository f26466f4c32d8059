import type { PhysicalPlan, PlanWarning } from './physical-plan.ts';

/** The warnings of all operators, from the root down, each message once. */
export function planWarnings(root: PhysicalPlan): readonly PlanWarning[] {
  const found = new Map<string, PlanWarning>();
  const seen = new Set<PhysicalPlan>();
  const visit = (plan: PhysicalPlan): void => {
    if (plan.kind === 'relation' || seen.has(plan)) return;
    seen.add(plan);
    const { warning } = plan;
    if (warning !== undefined && !found.has(warning.message)) found.set(warning.message, warning);
    for (const input of plan.inputs) visit(input.plan);
  };
  visit(root);
  return [...found.values()];
}
