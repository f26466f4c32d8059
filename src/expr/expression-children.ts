import { unreachable } from '../base/index.ts';
import type { Expression } from './expression.ts';

/** The direct operands of an expression, in evaluation order. A subquery's plan is not an operand, its `input` is; nor is a lambda's body. */
export function expressionChildren(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'column':
    case 'parameter':
    case 'outer-column':
      return [];
    case 'call':
    case 'logical':
    case 'coalesce':
    case 'construct':
      return expression.args;
    case 'lambda-call':
      return [...expression.args, ...expression.captured];
    case 'cast':
    case 'is-null':
    case 'field':
      return [expression.input];
    case 'case':
      return [...expression.branches.flatMap((branch) => [branch.condition, branch.result]), ...(expression.otherwise ? [expression.otherwise] : [])];
    case 'in-list':
      return [expression.input, ...expression.items];
    case 'subquery':
      return expression.inputs;
    default:
      return unreachable(expression);
  }
}

/** The same expression over other operands, given in the order of expressionChildren. */
export function withExpressionChildren(expression: Expression, children: readonly Expression[]): Expression {
  switch (expression.kind) {
    case 'literal':
    case 'column':
    case 'parameter':
    case 'outer-column':
      return expression;
    case 'call':
    case 'logical':
    case 'coalesce':
    case 'construct':
      return { ...expression, args: children };
    case 'lambda-call':
      return { ...expression, args: children.slice(0, expression.args.length), captured: children.slice(expression.args.length) };
    case 'cast':
    case 'is-null':
    case 'field':
      return { ...expression, input: children[0]! };
    case 'case':
      return {
        ...expression,
        branches: expression.branches.map((_, index) => ({ condition: children[2 * index]!, result: children[2 * index + 1]! })),
        otherwise: expression.otherwise ? children[2 * expression.branches.length]! : null,
      };
    case 'in-list':
      return { ...expression, input: children[0]!, items: children.slice(1) };
    case 'subquery':
      return { ...expression, inputs: children };
    default:
      return unreachable(expression);
  }
}

/**
 * Rebuilds an expression from its leaves up; `change` sees every node after its operands have been changed. Nodes whose operands stay
 * the same are passed on as they are, so that an unchanged tree keeps its identity.
 */
export function mapExpression(expression: Expression, change: (node: Expression) => Expression): Expression {
  const children = expressionChildren(expression);
  const mapped = children.map((child) => mapExpression(child, change));
  const changed = mapped.some((child, index) => child !== children[index]);
  return change(changed ? withExpressionChildren(expression, mapped) : expression);
}

/** Visits every node, operands before the expression itself. */
export function visitExpression(expression: Expression, visit: (node: Expression) => void): void {
  for (const child of expressionChildren(expression)) visitExpression(child, visit);
  visit(expression);
}

/** The same, and the nodes of the bodies of lambdas, whose columns are not those of the expression's row. */
export function visitWithBodies(expression: Expression, visit: (node: Expression) => void): void {
  visitExpression(expression, (node) => {
    visit(node);
    if (node.kind === 'lambda-call') for (const { body } of node.lambdas) visitWithBodies(body, visit);
  });
}

/** Positions of the input columns an expression reads, ascending. */
export function expressionColumns(expression: Expression): number[] {
  const found = new Set<number>();
  visitExpression(expression, (node) => {
    if (node.kind === 'column') found.add(node.index);
  });
  return [...found].sort((left, right) => left - right);
}
