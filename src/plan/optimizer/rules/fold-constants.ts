import { foldConstants } from '../../../expr/index.ts';
import { type LogicalPlan, mapPlan, mapPlanExpressions } from '../../logical/index.ts';
import type { OptimizerContext, OptimizerRule } from '../optimizer-rule.ts';

/** `price > 10 * 10` becomes `price > 100`; a filter that is always true goes, one that is never true leaves no rows. */
export const foldConstantsRule: OptimizerRule = {
  name: 'fold-constants',
  apply: (plan, context) => mapPlan(plan, (node) => dropDecidedFilter(foldNode(node, context))),
};

function foldNode(node: LogicalPlan, { functions, evaluation }: OptimizerContext): LogicalPlan {
  return mapPlanExpressions(node, (expression) => foldConstants(expression, functions, evaluation));
}

function dropDecidedFilter(node: LogicalPlan): LogicalPlan {
  if (node.kind !== 'filter' || node.predicate.kind !== 'literal') return node;
  if (node.predicate.value === true) return node.input;
  return { kind: 'values', rows: [], fields: node.fields };
}
