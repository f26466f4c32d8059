import { type Expression, type FunctionLookup, visitExpression, visitWithBodies } from '../../expr/index.ts';

/** True when a part of the expression gives another value every time: it is evaluated where it is written, once a row. */
export function isVolatile(expression: Expression, functions: FunctionLookup): boolean {
  let found = false;
  visitWithBodies(expression, (node) => {
    if ((node.kind === 'call' || node.kind === 'lambda-call') && functions.function(node.signature).volatility === 'volatile') found = true;
  });
  return found;
}

export function hasSubquery(expression: Expression): boolean {
  let found = false;
  visitExpression(expression, (node) => {
    if (node.kind === 'subquery') found = true;
  });
  return found;
}
