import type { LogicalPlan, OverCall } from './logical-plan.ts';

/** True when a window without ORDER BY takes the rows as an ordered subquery below gives them: `row_number() OVER () FROM (SELECT … ORDER BY x)`. */
export function keepsInputOrder(call: OverCall, input: LogicalPlan): boolean {
  return call.orderBy.length === 0 && isOrdered(input);
}

function isOrdered(plan: LogicalPlan): boolean {
  switch (plan.kind) {
    case 'sort':
      return true;
    case 'filter':
    case 'project':
    case 'limit':
    case 'over':
      return isOrdered(plan.input);
    case 'distinct':
      return plan.on !== null && isOrdered(plan.input);
    default:
      return false;
  }
}
