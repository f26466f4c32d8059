import { actsOnSession, type LogicalPlan } from '../../logical/index.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';
import { prunePlan } from '../prune-plan.ts';

/** Columns nobody reads are not computed, carried or decoded, but for what is called for its effect: SELECT 1 FROM pg_sleep(1). */
export const pruneColumns: OptimizerRule = {
  name: 'prune-columns',
  apply: (plan, { functions }) => {
    const all = plan.fields.map((_, index) => index);
    const pruned: LogicalPlan = prunePlan(plan, all).plan;
    // Rebuilding equal nodes is no change.
    if (JSON.stringify(shape(pruned)) === JSON.stringify(shape(plan))) return plan;
    return actsOnSession(plan, functions) ? plan : pruned;
  },
};

/** Widths of all nodes, which is all this rule can change. */
function shape(plan: LogicalPlan): unknown {
  switch (plan.kind) {
    case 'join':
    case 'as-of-join':
      return [plan.fields.length, shape(plan.left), shape(plan.right)];
    case 'set-operation':
      return [plan.fields.length, ...plan.inputs.map(shape)];
    case 'recursion':
      return [plan.fields.length, shape(plan.base), shape(plan.step)];
    case 'mutual-recursion':
      return [plan.fields.length, ...plan.bindings.map((binding) => shape(binding.plan))];
    case 'scan':
    case 'recursive-scan':
    case 'values':
    case 'table-function':
      return plan.fields.length;
    default:
      return [plan.fields.length, shape(plan.input)];
  }
}
