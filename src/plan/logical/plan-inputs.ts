import { assert, unreachable } from '../../base/index.ts';
import type { LogicalPlan } from './logical-plan.ts';

/** The nodes a node reads, left to right. Plans inside subquery expressions are not inputs. */
export function planInputs(plan: LogicalPlan): readonly LogicalPlan[] {
  switch (plan.kind) {
    case 'scan':
    case 'values':
    case 'table-function':
    case 'recursive-scan':
      return [];
    case 'filter':
    case 'project':
    case 'window-assign':
    case 'aggregate':
    case 'distinct':
    case 'over':
    case 'match-recognize':
    case 'sort':
    case 'limit':
      return [plan.input];
    case 'join':
    case 'as-of-join':
      return [plan.left, plan.right];
    case 'recursion':
      return [plan.base, plan.step];
    case 'mutual-recursion':
      return plan.bindings.map((binding) => binding.plan);
    case 'set-operation':
      return plan.inputs;
    default:
      return unreachable(plan);
  }
}

/** The same node over other inputs of the same shape, in the order of planInputs; the node itself when nothing changes. */
export function withPlanInputs(plan: LogicalPlan, inputs: readonly LogicalPlan[]): LogicalPlan {
  const previous = planInputs(plan);
  assert(previous.length === inputs.length, 'a plan node keeps the number of its inputs');
  if (previous.every((input, index) => input === inputs[index])) return plan;
  switch (plan.kind) {
    case 'scan':
    case 'values':
    case 'table-function':
    case 'recursive-scan':
      return plan;
    case 'filter':
    case 'project':
    case 'window-assign':
    case 'aggregate':
    case 'distinct':
    case 'over':
    case 'match-recognize':
    case 'sort':
    case 'limit':
      return { ...plan, input: inputs[0]! };
    case 'join':
    case 'as-of-join':
      return { ...plan, left: inputs[0]!, right: inputs[1]! };
    case 'recursion':
      return { ...plan, base: inputs[0]!, step: inputs[1]! };
    case 'mutual-recursion':
      return { ...plan, bindings: plan.bindings.map((binding, index) => ({ ...binding, plan: inputs[index]! })) };
    case 'set-operation':
      return { ...plan, inputs };
    default:
      return unreachable(plan);
  }
}

/** Rebuilds a plan from its leaves up; nodes nothing changed below keep their identity. */
export function mapPlan(plan: LogicalPlan, change: (node: LogicalPlan) => LogicalPlan): LogicalPlan {
  const inputs = planInputs(plan).map((input) => mapPlan(input, change));
  return change(withPlanInputs(plan, inputs));
}
