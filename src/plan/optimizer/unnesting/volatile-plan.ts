import type { FunctionLookup } from '../../../expr/index.ts';
import { type LogicalPlan, planExpressions, planInputs } from '../../logical/index.ts';
import { isVolatile } from '../expression-facts.ts';

/** True when evaluating the plan again would give something else. */
export function hasVolatile(plan: LogicalPlan, functions: FunctionLookup): boolean {
  return (
    planExpressions(plan).some((expression) => isVolatile(expression, functions)) || planInputs(plan).some((input) => hasVolatile(input, functions))
  );
}
