import { mapExpression } from '../../../expr/index.ts';
import { mapPlan, mapPlanExpressions, subqueryPlan } from '../../logical/index.ts';
import type { OptimizerRule } from '../optimizer-rule.ts';
import { inlineRow, oneRowOf } from '../unnesting/index.ts';

/** `(SELECT t.a + 1)` is `t.a + 1`: a scalar subquery of exactly one written row is its expression. */
export const inlineRowSubqueries: OptimizerRule = {
  name: 'inline-row-subqueries',
  apply: (plan) =>
    mapPlan(plan, (node) =>
      mapPlanExpressions(node, (expression) =>
        mapExpression(expression, (part) => {
          if (part.kind !== 'subquery' || part.form !== 'scalar') return part;
          const row = oneRowOf(subqueryPlan(part));
          return row === null ? part : inlineRow(row[0]!);
        }),
      ),
    ),
};
