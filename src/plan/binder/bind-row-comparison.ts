import type { Expression } from '../../expr/index.ts';
import type { Span } from '../../sql/index.ts';
import { boolType } from '../../types/index.ts';
import type { BindState } from './bind-state.ts';
import { syntaxError } from './binder-error.ts';
import { resolveOperator } from './resolve-call.ts';

interface Place {
  readonly span: Span;
  readonly state: BindState;
}

/**
 * A comparison of two values; two row constructors are compared field by field (PostgreSQL, "Row Constructor Comparison"). Errors: 42601 for
 * rows of different lengths, 42883 for fields that cannot be compared.
 */
export function compareRows(symbol: string, left: Expression, right: Expression, place: Place): Expression {
  if (!isRowConstructor(left) || !isRowConstructor(right)) return resolveOperator(symbol, [left, right], place.span, place.state);
  if (left.args.length !== right.args.length) throw syntaxError('unequal number of entries in row expressions', place.span);
  if (left.args.length === 0) throw syntaxError('cannot compare rows of zero length', place.span);
  const compare = (operator: string, index: number): Expression => compareRows(operator, left.args[index]!, right.args[index]!, place);
  if (symbol === '=' || symbol === '<>') {
    return logical(
      left.args.map((_, index) => compare(symbol, index)),
      symbol === '=' ? 'and' : 'or',
      place.span,
    );
  }
  return lexicographic(symbol, left.args.length, compare, place.span);
}

/** a < b, or a = b and the rest decides; only the last field keeps an `=` of `<=`. */
function lexicographic(symbol: string, length: number, compare: (operator: string, index: number) => Expression, span: Span): Expression {
  const strict = symbol.replace('=', '');
  let result = compare(symbol, length - 1);
  for (let index = length - 2; index >= 0; index--) {
    result = logical([compare(strict, index), logical([compare('=', index), result], 'and', span)], 'or', span);
  }
  return result;
}

function logical(args: readonly Expression[], operator: 'and' | 'or', span: Span): Expression {
  return args.length === 1 ? args[0]! : { kind: 'logical', operator, args, type: boolType, span };
}

/** A ROW(…) with its fields at hand; any other row value is compared as a whole. */
export function isRowConstructor(expression: Expression): expression is Extract<Expression, { kind: 'construct' }> {
  return expression.kind === 'construct' && expression.type.kind === 'row' && expression.whole !== true;
}
