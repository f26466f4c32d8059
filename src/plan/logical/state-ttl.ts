import type { LogicalPlan } from './logical-plan.ts';
import { mapPlan, planInputs } from './plan-inputs.ts';

/** The plan with a state ttl for the relations below it that have none of their own; 0: what operators keep of them stays. */
export function withStateTtl(plan: LogicalPlan, ttlMs: number): LogicalPlan {
  return mapPlan(plan, (node) => (node.kind === 'scan' && node.stateTtlMs === undefined ? { ...node, stateTtlMs: ttlMs } : node));
}

/**
 * For how long an operator that reads `plan` keeps what is not touched: the longest ttl of the relations below. Null: for ever, as one of them has no
 * ttl, or there is none.
 */
export function stateTtlOf(plan: LogicalPlan): number | null {
  if (plan.kind === 'scan') return plan.stateTtlMs || null;
  let longest: number | null = null;
  for (const input of planInputs(plan)) {
    const ttl = stateTtlOf(input);
    if (ttl === null) return null;
    longest = Math.max(longest ?? 0, ttl);
  }
  return longest;
}
