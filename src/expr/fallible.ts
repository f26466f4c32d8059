import { hasModifier } from '../types/index.ts';
import type { Expression } from './expression.ts';
import { visitWithBodies } from './expression-children.ts';
import type { FunctionLookup } from './function-definition.ts';

/** True when evaluating the expression can raise an error for some row: such an expression is never moved to rows it would not have seen. */
export function isFallible(expression: Expression, functions: FunctionLookup): boolean {
  let fallible = false;
  visitWithBodies(expression, (node) => {
    if (nodeIsFallible(node, functions)) fallible = true;
  });
  return fallible;
}

/** True when no part of the expression depends on more than its operands. */
export function isImmutable(expression: Expression, functions: FunctionLookup): boolean {
  let immutable = true;
  visitWithBodies(expression, (node) => {
    if ((node.kind === 'call' || node.kind === 'lambda-call') && functions.function(node.signature).volatility !== 'immutable') immutable = false;
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
  // Members of rows and maps may be of any type; such a cast is not worth folding.
  if (from.kind === 'row' || from.kind === 'map') return 'stable';
  return from.kind === to.kind ? 'immutable' : functions.cast(from, to).volatility;
}

function nodeIsFallible(node: Expression, functions: FunctionLookup): boolean {
  switch (node.kind) {
    case 'call':
    case 'lambda-call':
      return functions.function(node.signature).fallible;
    case 'in-list':
      return functions.function(node.equals).fallible;
    case 'cast':
      return castIsFallible(node, functions);
    case 'construct':
      // A key of a map may be NULL.
      return node.type.kind === 'map';
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
  if (from.kind === 'array' || from.kind === 'row' || from.kind === 'map') return true;
  if (hasModifier(to) && (to.kind === 'numeric' || node.mode !== 'explicit')) return true;
  return from.kind !== to.kind && functions.cast(from, to).fallible;
}
