import { visitExpression } from '../../expr/index.ts';
import type { LogicalPlan } from './logical-plan.ts';
import { subqueryPlan } from './outer-columns.ts';
import { planExpressions } from './plan-expressions.ts';
import { planInputs } from './plan-inputs.ts';

/** Ids of the recursions around a plan whose rows it reads, its subqueries included: its own rows are other ones in each of their rounds. */
export function freeRecursions(plan: LogicalPlan): ReadonlySet<string> {
  const found = new Set<string>();
  if (plan.kind === 'recursive-scan') found.add(plan.id);
  const collect = (inner: LogicalPlan): void => {
    for (const id of freeRecursions(inner)) found.add(id);
  };
  for (const input of planInputs(plan)) collect(input);
  for (const expression of planExpressions(plan)) {
    visitExpression(expression, (node) => {
      if (node.kind === 'subquery') collect(subqueryPlan(node));
    });
  }
  if (plan.kind === 'recursion') found.delete(plan.id);
  if (plan.kind === 'mutual-recursion') for (const { id } of plan.bindings) found.delete(id);
  return found;
}
