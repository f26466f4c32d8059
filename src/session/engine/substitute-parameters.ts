import { type Expression, mapExpression } from '../../expr/index.ts';
import { type LogicalPlan, mapPlan, mapPlanExpressions, subqueryPlan } from '../../plan/index.ts';
import type { Datum } from '../../types/index.ts';

/** The plan with each $n replaced by its value, subqueries included. */
export function substituteParameters(plan: LogicalPlan, values: readonly (Datum | null)[]): LogicalPlan {
  if (values.length === 0) return plan;
  return mapPlan(plan, (node) => mapPlanExpressions(node, (expression) => substituteInExpression(expression, values)));
}

export function substituteInExpression(expression: Expression, values: readonly (Datum | null)[]): Expression {
  if (values.length === 0) return expression;
  return mapExpression(expression, (node) => {
    if (node.kind === 'parameter') return { kind: 'literal', type: node.type, value: values[node.index] ?? null, span: node.span };
    return node.kind === 'subquery' ? { ...node, plan: substituteParameters(subqueryPlan(node), values) } : node;
  });
}
