import type { Expression } from '../../../expr/index.ts';
import { type LogicalPlan, substituteColumns } from '../../logical/index.ts';
import { hasSubquery } from '../expression-facts.ts';

import { bindOuterReads, oneRowNearer } from './columns.ts';

/** The columns of a plan that is one row of expressions, such as a SELECT without FROM; null for any other. */
export function oneRowOf(plan: LogicalPlan): readonly Expression[] | null {
  if (plan.kind === 'values') return plan.rows.length === 1 ? plan.rows[0]! : null;
  if (plan.kind !== 'project' || plan.expressions.some(hasSubquery)) return null;
  const input = oneRowOf(plan.input);
  return input && plan.expressions.map((expression) => substituteColumns(expression, input));
}

/** True for a plan that has exactly one row whatever there is. */
export function isOneRow(plan: LogicalPlan): boolean {
  switch (plan.kind) {
    case 'values':
      return plan.rows.length === 1;
    case 'aggregate':
      return plan.groupingSets.length === 1 && plan.groupBy.length === 0;
    case 'project':
    case 'sort':
      return isOneRow(plan.input);
    default:
      return false;
  }
}

/** An expression of such a row, over the row outside. */
export function inlineRow(expression: Expression): Expression {
  return oneRowNearer(bindOuterReads(expression, (column) => column));
}
