import { type Expression, isFallible } from '../../../expr/index.ts';
import { type FilterPlan, isLeftOnly, type JoinPlan, type LogicalPlan, mapPlan, moveColumns, rowColumns } from '../../logical/index.ts';
import { hasSubquery, isVolatile } from '../expression-facts.ts';
import type { OptimizerContext, OptimizerRule } from '../optimizer-rule.ts';
import { allOf, filtered, splitFilter } from '../split-filter.ts';

/**
 * A condition on one side of a join goes to that side, where the join type keeps it equal; it must not be able to fail, since it then sees
 * rows without partner. One on both sides of an inner join becomes part of the join's own condition,
 * unless the join is lateral: a function beside each row has none.
 */
export const pushFilterIntoJoin: OptimizerRule = {
  name: 'push-filter-into-join',
  apply: (plan, context) => mapPlan(plan, (node) => (node.kind === 'filter' && node.input.kind === 'join' ? push(node, node.input, context) : node)),
};

function push(filter: FilterPlan, join: JoinPlan, context: OptimizerContext): LogicalPlan {
  const width = join.left.fields.length;
  const inner = join.joinType === 'inner' || join.joinType === 'cross';
  const toLeft = inner || join.joinType === 'left' || join.joinType === 'single' || isLeftOnly(join.joinType);
  const toRight = (inner && !join.lateral) || join.joinType === 'right';
  const left: Expression[] = [];
  const right: Expression[] = [];
  const both: Expression[] = [];
  const { stays } = splitFilter(filter, (conjunct) => {
    if (isVolatile(conjunct, context.functions) || hasSubquery(conjunct)) return false;
    const columns = rowColumns(conjunct);
    const safe = !isFallible(conjunct, context.functions);
    if (toLeft && safe && columns.length > 0 && columns.every((column) => column < width)) left.push(conjunct);
    else if (toRight && safe && columns.length > 0 && columns.every((column) => column >= width))
      right.push(moveColumns(conjunct, (index) => index - width));
    else if (inner && !join.lateral) both.push(conjunct);
    else return false;
    return true;
  });
  if (left.length + right.length + both.length === 0) return filter;
  const condition = allOf([...(join.condition === null ? [] : [join.condition]), ...both]);
  const pushed: JoinPlan = {
    ...join,
    left: filtered(join.left, left),
    right: filtered(join.right, right),
    condition,
    joinType: join.joinType === 'cross' && condition !== null ? 'inner' : join.joinType,
  };
  return filtered(pushed, stays);
}
