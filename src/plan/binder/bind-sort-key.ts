import { SqlError, SqlState } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import type * as ast from '../../sql/index.ts';
import type { SortKey } from '../logical/index.ts';
import { type BindState, bind, type ExpressionScope } from './bind-state.ts';
import { notSupported, typeText } from './binder-error.ts';
import { resolveUnknown } from './coercion.ts';
import { operatorSignature } from './resolve-call.ts';

export function bindSortKeys(items: readonly ast.OrderByItem[], scope: ExpressionScope): SortKey[] {
  return items.map((item) => sortKey(item, bind(item.expression, scope), scope.state));
}

/** The key of a bound expression. NULLs come last in ascending order and first in descending order unless told otherwise. */
export function sortKey(item: ast.OrderByItem, bound: Expression, state: BindState): SortKey {
  const expression = resolveUnknown(bound, state);
  requireOrder(expression, item, state);
  const descending = item.using === null ? item.direction === 'desc' : usingDescends(item.using);
  return { expression, descending, nullsFirst: item.nulls === null ? descending : item.nulls === 'first' };
}

function usingDescends(operator: ast.OperatorName): boolean {
  if (operator.symbol === '<' || operator.symbol === '<=') return false;
  if (operator.symbol === '>' || operator.symbol === '>=') return true;
  throw notSupported(`operator ${operator.symbol} is not a valid ordering operator`, operator.span, 'Use < or >.');
}

function requireOrder(expression: Expression, item: ast.OrderByItem, state: BindState): void {
  if (expression.type.kind === 'row' || operatorSignature('<', expression.type, expression.type, state) !== null) return;
  throw new SqlError({
    code: SqlState.undefinedFunction,
    message: `could not identify an ordering operator for type ${typeText(expression.type)}`,
    hint: 'Use an explicit ordering operator or modify the query.',
    position: item.expression.span.start,
  });
}
