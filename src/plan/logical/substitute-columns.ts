import { type Expression, mapExpression } from '../../expr/index.ts';

/** The expression over the input of a Project instead of over its output. Not for expressions with subqueries, which mean the row too. */
export function substituteColumns(expression: Expression, expressions: readonly Expression[]): Expression {
  return mapExpression(expression, (node) => (node.kind === 'column' ? expressions[node.index]! : node));
}
