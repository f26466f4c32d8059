import { splitConjuncts } from '../../../expr/index.ts';
import { type FilterPlan, type LogicalPlan, mapPlan } from '../../logical/index.ts';
import type { OptimizerContext, OptimizerRule } from '../optimizer-rule.ts';
import { filtered } from '../split-filter.ts';
import { conditionJoin, subqueryCondition } from '../unnesting/index.ts';

/** EXISTS, IN, ANY, ALL and their negations as conjuncts of a filter are semi and anti joins. Conjuncts in front of them are tested first. */
export const joinSubqueryConditions: OptimizerRule = {
  name: 'join-subquery-conditions',
  apply: (plan, context) => mapPlan(plan, (node) => (node.kind === 'filter' ? joinConditions(node, context) : node)),
};

function joinConditions(filter: FilterPlan, context: OptimizerContext): LogicalPlan {
  const conjuncts = splitConjuncts(filter.predicate);
  for (const [index, conjunct] of conjuncts.entries()) {
    const condition = subqueryCondition(conjunct);
    const joined = condition && conditionJoin(filtered(filter.input, conjuncts.slice(0, index)), condition, context);
    if (joined !== null) return filtered(joined, conjuncts.slice(index + 1));
  }
  return filter;
}
