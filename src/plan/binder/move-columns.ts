import { type Expression, mapExpression } from '../../expr/index.ts';
import { mapOuterColumns, subqueryPlan } from '../logical/index.ts';

/** Renumbers columns of the row at hand, also where subqueries of the expression mean it. */
export function moveColumns(expression: Expression, position: (index: number) => number): Expression {
  return mapExpression(expression, (node) => {
    if (node.kind === 'column') {
      const index = position(node.index);
      return index === node.index ? node : { ...node, index };
    }
    if (node.kind !== 'subquery') return node;
    const before = subqueryPlan(node);
    const after = mapOuterColumns(
      before,
      (column, level) => {
        const index = column.depth === level ? position(column.index) : column.index;
        return index === column.index ? column : { ...column, index };
      },
      1,
    );
    return after === before ? node : { ...node, plan: after };
  });
}
