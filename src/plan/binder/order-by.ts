import { SqlError, SqlState } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import { type Expression as AstExpression, type DistinctClause, foldIdentifier, type OrderByItem, type Span } from '../../sql/index.ts';
import { expressionKey, type SortKey } from '../logical/index.ts';
import type { OutputItem } from './bind-select-items.ts';
import { sortKey } from './bind-sort-key.ts';
import { bind, type ExpressionScope } from './bind-state.ts';
import { syntaxError } from './binder-error.ts';
import { resolveUnknown } from './coercion.ts';

interface OrderedSelect {
  readonly orderBy: readonly OrderByItem[];
  readonly distinct: DistinctClause | null;
  readonly items: readonly OutputItem[];
}

/** ORDER BY and DISTINCT ON of a SELECT, over the row of FROM. Errors: 42P10 where they do not fit each other. */
export function bindOrderBy(select: OrderedSelect, scope: ExpressionScope): { keys: SortKey[]; distinctOn: Expression[] } {
  const ordered = { ...scope, clause: 'ORDER BY' };
  const keys = select.orderBy.map((item) => {
    const bound = outputReference(item.expression, select.items, 'ORDER BY') ?? bind(item.expression, ordered);
    return sortKey(item, bound, scope.state);
  });
  const { distinct } = select;
  if (distinct === null) return { keys, distinctOn: [] };
  const distinctOn = distinct.on.map((node) =>
    resolveUnknown(outputReference(node, select.items, 'DISTINCT ON') ?? bind(node, { ...scope, clause: 'DISTINCT ON' }), scope.state),
  );
  if (distinctOn.length > 0) checkDistinctOn(distinctOn, keys, distinct.on[0]!.span);
  else checkDistinct(select, keys, scope);
  return { keys, distinctOn };
}

/** An output name or position; a name that is not an output column, or any other expression, gives null. */
function outputReference(node: AstExpression, items: readonly OutputItem[], clause: string): Expression | null {
  if (node.kind === 'number-literal') {
    if (!/^\d+$/.test(node.text)) throw syntaxError(`non-integer constant in ${clause}`, node.span);
    const item = items[Number(node.text) - 1];
    if (item === undefined) throw notInList(`${clause} position ${node.text} is not in select list`, node.span);
    return item.expression;
  }
  if (node.kind === 'string-literal' || node.kind === 'null-literal') throw syntaxError(`non-integer constant in ${clause}`, node.span);
  if (node.kind !== 'column-reference' || node.name.length !== 1) return null;
  const name = foldIdentifier(node.name[0]!);
  const named = items.filter((item) => item.name === name);
  if (named.length === 0) return null;
  if (named.some((item) => expressionKey(item.expression) !== expressionKey(named[0]!.expression))) {
    throw new SqlError({ code: SqlState.ambiguousColumn, message: `${clause} "${name}" is ambiguous`, position: node.span.start });
  }
  return named[0]!.expression;
}

function notInList(message: string, span: Span): SqlError {
  return new SqlError({ code: SqlState.invalidColumnReference, message, position: span.start });
}

function checkDistinct(select: OrderedSelect, keys: readonly SortKey[], scope: ExpressionScope): void {
  const outputs = new Set(select.items.map((item) => expressionKey(resolveUnknown(item.expression, scope.state))));
  for (const [index, key] of keys.entries()) {
    if (outputs.has(expressionKey(key.expression))) continue;
    throw notInList('for SELECT DISTINCT, ORDER BY expressions must appear in select list', select.orderBy[index]!.expression.span);
  }
}

/** The first sort keys have to be the DISTINCT ON expressions, in any order. */
function checkDistinctOn(distinctOn: readonly Expression[], keys: readonly SortKey[], span: Span): void {
  const wanted = new Set(distinctOn.map(expressionKey));
  const leading = keys.slice(0, wanted.size);
  if (leading.every((key) => wanted.has(expressionKey(key.expression)))) return;
  throw notInList('SELECT DISTINCT ON expressions must match initial ORDER BY expressions', span);
}
