import type { LogicalPlan, ScanPlan } from './logical-plan.ts';
import { mapPlan, planInputs } from './plan-inputs.ts';

/** The plan with the mark that all of its rows go to each subtask of the join that reads it; null when it reads no relation. */
export function withBroadcast(plan: LogicalPlan, id: string): LogicalPlan | null {
  const scans = scansOf(plan).length;
  return scans === 0 ? null : mapPlan(plan, (node) => (node.kind === 'scan' ? { ...node, broadcast: { id, scans } } : node));
}

/** Whether a side of a join is what has been marked, whatever rules have put above it or changed inside: all scans of some marks, and no other. */
export function isBroadcast(plan: LogicalPlan): boolean {
  const left = new Map<string, number>();
  for (const { broadcast } of scansOf(plan)) {
    if (broadcast === undefined) return false;
    left.set(broadcast.id, (left.get(broadcast.id) ?? broadcast.scans) - 1);
  }
  return left.size > 0 && [...left.values()].every((count) => count === 0);
}

function scansOf(plan: LogicalPlan): ScanPlan[] {
  return plan.kind === 'scan' ? [plan] : planInputs(plan).flatMap(scansOf);
}
