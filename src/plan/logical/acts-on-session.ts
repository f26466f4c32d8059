import { type FunctionLookup, visitWithBodies } from '../../expr/index.ts';
import type { LogicalPlan } from './logical-plan.ts';
import { subqueryPlan } from './outer-columns.ts';
import { planExpressions } from './plan-expressions.ts';
import { planInputs } from './plan-inputs.ts';

/** Whether reading the plan does something to the session (takes a lock, sets a setting), so that nothing of it is left out or done twice. */
export function actsOnSession(plan: LogicalPlan, lookup: FunctionLookup): boolean {
  if (planInputs(plan).some((input) => actsOnSession(input, lookup))) return true;
  let found = false;
  for (const expression of planExpressions(plan)) {
    visitWithBodies(expression, (node) => {
      if (found) return;
      if (node.kind === 'subquery') found = actsOnSession(subqueryPlan(node), lookup);
      else if (node.kind === 'call') {
        const { volatility, asksSession } = lookup.function(node.signature);
        found = volatility === 'volatile' && asksSession === true;
      }
    });
  }
  return found;
}
