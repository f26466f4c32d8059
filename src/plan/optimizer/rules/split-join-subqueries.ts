import { type Expression, mapExpression, splitConjuncts } from '../../../expr/index.ts';
import { type JoinPlan, type LogicalPlan, mapOuterColumnsOfExpression, mapPlan, moveColumns, shiftOuterColumns } from '../../logical/index.ts';
import { hasSubquery } from '../expression-facts.ts';
import type { OptimizerContext, OptimizerRule } from '../optimizer-rule.ts';
import { allOf, filtered } from '../split-filter.ts';
import { selectColumns } from '../unnesting/index.ts';

/**
 * Subqueries of a join's condition come to stand in a filter, where they can be joined: above an inner join; in a view also on the right side of a join
 * that keeps left rows, which then depends on the left row.
 */
export const splitJoinSubqueries: OptimizerRule = {
  name: 'split-join-subqueries',
  apply: (plan, context) =>
    mapPlan(plan, (node) => (node.kind === 'join' && node.condition !== null && hasSubquery(node.condition) ? split(node, context) : node)),
};

function split(join: JoinPlan, { continuous }: OptimizerContext): LogicalPlan {
  if (join.joinType === 'inner') {
    const conjuncts = splitConjuncts(join.condition!);
    const first = conjuncts.findIndex(hasSubquery);
    const condition = allOf(conjuncts.slice(0, first));
    return filtered({ ...join, joinType: condition === null ? 'cross' : 'inner', condition }, conjuncts.slice(first));
  }
  if (!continuous || join.joinType === 'full') return join;
  if (join.joinType === 'right') return swapped(join);
  const right = join.lateral ? join.right : shiftOuterColumns(join.right, 1);
  const predicate = onRightRow(join.condition!, join.left.fields.length);
  return { ...join, right: { kind: 'filter', input: right, predicate, fields: right.fields }, condition: null, lateral: true };
}

/** A condition of a join as one of its right side, which has the left row around it. */
function onRightRow(condition: Expression, leftWidth: number): Expression {
  const within = mapOuterColumnsOfExpression(condition, (column, level) => {
    if (column.depth < level) return column;
    if (column.depth > level || column.index < leftWidth) return { ...column, depth: column.depth + 1 };
    return { ...column, index: column.index - leftWidth };
  });
  return mapExpression(within, (node) => {
    if (node.kind !== 'column') return node;
    if (node.index >= leftWidth) return { ...node, index: node.index - leftWidth };
    return { kind: 'outer-column', depth: 1, index: node.index, name: node.name, type: node.type, span: node.span };
  });
}

function swapped(join: JoinPlan): LogicalPlan {
  const [left, right] = [join.left.fields.length, join.right.fields.length];
  const condition = moveColumns(join.condition!, (column) => (column < left ? column + right : column - left));
  const fields = [...join.right.fields, ...join.left.fields];
  const turned: JoinPlan = { ...join, left: join.right, right: join.left, joinType: 'left', condition, fields };
  const order = join.fields.map((_, index) => (index < left ? index + right : index - left));
  return selectColumns(turned, order);
}
