import { visitExpression } from '../../expr/index.ts';
import { type LogicalPlan, planExpressions, planInputs, type ScanPlan, subqueryPlan } from '../logical/index.ts';

/** Every scan of a plan, those of its subqueries included. */
export function scansOf(plan: LogicalPlan): ScanPlan[] {
  if (plan.kind === 'scan') return [plan];
  return [...planInputs(plan), ...subqueriesOf(plan)].flatMap(scansOf);
}

/** Plans of the subqueries in one node's own expressions. */
export function subqueriesOf(plan: LogicalPlan): LogicalPlan[] {
  const found: LogicalPlan[] = [];
  for (const expression of planExpressions(plan)) {
    visitExpression(expression, (node) => {
      if (node.kind === 'subquery') found.push(subqueryPlan(node));
    });
  }
  return found;
}
