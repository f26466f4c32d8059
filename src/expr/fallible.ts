import { hasModifier } from '../types/index.ts';
import type { Expression } from './expression.ts';
import { visitExpression } from './expression-children.ts';
import type { FunctionLookup } from './function-definition.ts';

/** True when evaluating the expression can raise an error for some row: such an expression is never moved to rows it would not have seen. */
export function isFallible(expression: Expression, functions: FunctionLookup): boolean {
  let fallible = false;
  visitExpression(expression, (node) => {
    if (nodeIsFallible(node, functions)) fallible = true;
  });
  return fallible;
}

/** True when no part of the expression depends on more than its operands. */
export function isImmutable(expression: Expression, functions: FunctionLookup): boolean {
  let immutable = true;
  visitExpression(expression, (node) => {
    if (node.kind === 'call' && functions.function(node.signature).volatility !== 'immutable') immutable = false;
    if (node.kind === 'cast' && castVolatility(node, functions) !== 'immutable') immutable = false;
    if (node.kind === 'subquery' || node.kind === 'outer-column' || node.kind === 'parameter') immutable = false;
  });
  return immutable;
}

function castVolatility(node: Extract<Expression, { kind: 'cast' }>, functions: FunctionLookup): 'immutable' | 'stable' {
  let from = node.input.type;
  let to = node.type;
  while (from.kind === 'array' && to.kind === 'array') {
    from = from.element;
    to = to.element;
  }
  // Members of rows may be of any type; a row cast is not worth folding.
  if (from.kind === 'row') return 'stable';
  return from.kind === to.kind ? 'immutable' : functions.cast(from, to).volatility;
}

function nodeIsFallible(node: Expression, functions: FunctionLookup): boolean {
  switch (node.kind) {
    case 'call':
      return functions.function(node.signature).fallible;
    case 'in-list':
      return functions.function(node.equals).fallible;
    case 'cast':
      return castIsFallible(node, functions);
    case 'subquery':
      return true;
    default:
      return false;
  }
}

function castIsFallible(node: Extract<Expression, { kind: 'cast' }>, functions: FunctionLookup): boolean {
  if (node.mode === 'try') return false;
  const from = node.input.type;
  const to = node.type;
  if (from.kind === 'array' || from.kind === 'row') return true;
  if (hasModifier(to) && (to.kind === 'numeric' || node.mode !== 'explicit')) return true;
  return from.kind !== to.kind && functions.cast(from, to).fallible;
}
