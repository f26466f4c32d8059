import { type Expression, mapExpression, visitExpression } from '../../expr/index.ts';
import { freeOuterColumns, mapOuterColumns, subqueryPlan } from './outer-columns.ts';

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

/** Positions of the row at hand an expression reads, by itself or in its subqueries; ascending. */
export function rowColumns(expression: Expression): number[] {
  const found = new Set<number>();
  visitExpression(expression, (node) => {
    if (node.kind === 'column') found.add(node.index);
    if (node.kind === 'subquery') for (const { depth, index } of freeOuterColumns(subqueryPlan(node))) if (depth === 1) found.add(index);
  });
  return [...found].sort((left, right) => left - right);
}
