import { type FilterPlan, type JoinPlan, type JoinType, type LogicalPlan, mapPlan } from '../../logical/index.ts';
import { rejectsNulls } from '../null-rejection.ts';
import type { OptimizerContext, OptimizerRule } from '../optimizer-rule.ts';

/**
 * `a LEFT JOIN b … WHERE b.x > 1` is an inner join: the rows with NULLs for b, which make the difference, do not pass the filter. Likewise a full join
 * becomes a left or right one.
 */
export const narrowOuterJoin: OptimizerRule = {
  name: 'narrow-outer-join',
  apply: (plan, context) =>
    mapPlan(plan, (node) => (node.kind === 'filter' && node.input.kind === 'join' ? narrow(node, node.input, context) : node)),
};

function narrow(filter: FilterPlan, join: JoinPlan, { functions }: OptimizerContext): LogicalPlan {
  const width = join.left.fields.length;
  const rejects = (isNull: (column: number) => boolean): boolean => rejectsNulls(filter.predicate, { isNull, functions });
  const joinType = narrowed(join.joinType, {
    left: () => rejects((column) => column < width),
    right: () => rejects((column) => column >= width),
  });
  return joinType === join.joinType ? filter : { ...filter, input: { ...join, joinType } };
}

/** `left` and `right`: rows with NULLs for that side do not pass. */
function narrowed(joinType: JoinType, rejected: { readonly left: () => boolean; readonly right: () => boolean }): JoinType {
  switch (joinType) {
    case 'left':
      return rejected.right() ? 'inner' : 'left';
    case 'right':
      return rejected.left() ? 'inner' : 'right';
    case 'full':
      if (rejected.left()) return rejected.right() ? 'inner' : 'left';
      return rejected.right() ? 'right' : 'full';
    default:
      return joinType;
  }
}
