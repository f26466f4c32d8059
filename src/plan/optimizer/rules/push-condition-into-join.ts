import { type Expression, isFallible, splitConjuncts } from '../../../expr/index.ts';
import { type JoinPlan, type LogicalPlan, mapPlan, moveColumns, rowColumns } from '../../logical/index.ts';
import { hasSubquery, isVolatile } from '../expression-facts.ts';
import type { OptimizerContext, OptimizerRule } from '../optimizer-rule.ts';
import { allOf, filtered } from '../split-filter.ts';

/**
 * What ON asks of one side alone goes to that side, unless its rows are in the output anyway: `a LEFT JOIN b ON a.k = b.k AND b.x > 1` joins with
 * fewer rows of b, while a condition on a decides what a match is. It must not be able to fail, since it then sees rows without partner.
 */
export const pushConditionIntoJoin: OptimizerRule = {
  name: 'push-condition-into-join',
  apply: (plan, context) => mapPlan(plan, (node) => (node.kind === 'join' && node.condition !== null ? push(node, node.condition, context) : node)),
};

function push(join: JoinPlan, condition: Expression, { functions }: OptimizerContext): LogicalPlan {
  const { joinType } = join;
  const width = join.left.fields.length;
  const toLeft = joinType === 'inner' || joinType === 'right' || joinType === 'semi';
  const toRight = !join.lateral && joinType !== 'right' && joinType !== 'full';
  const left: Expression[] = [];
  const right: Expression[] = [];
  const stays: Expression[] = [];
  for (const conjunct of splitConjuncts(condition)) {
    const columns = rowColumns(conjunct);
    const fixed = columns.length === 0 || isVolatile(conjunct, functions) || hasSubquery(conjunct) || isFallible(conjunct, functions);
    if (!fixed && toLeft && columns.every((column) => column < width)) left.push(conjunct);
    else if (!fixed && toRight && columns.every((column) => column >= width)) right.push(moveColumns(conjunct, (index) => index - width));
    else stays.push(conjunct);
  }
  if (left.length + right.length === 0) return join;
  const rest = allOf(stays);
  return {
    ...join,
    left: filtered(join.left, left),
    right: filtered(join.right, right),
    condition: rest,
    joinType: rest === null && joinType === 'inner' ? 'cross' : joinType,
  };
}
