import { SqlError, SqlState } from '../../base/index.ts';
import { type Expression, visitExpression } from '../../expr/index.ts';
import { type Expression as AstExpression, foldIdentifier, type GroupByClause } from '../../sql/index.ts';
import { expressionKey } from '../logical/index.ts';
import type { OutputItem } from './bind-select-items.ts';
import { AGGREGATE_BASE, bind, type ExpressionScope } from './bind-state.ts';
import { groupingError, syntaxError, typeText } from './binder-error.ts';
import { resolveUnknown } from './coercion.ts';
import { isGroupWindowCall } from './group-window-call.ts';
import { expandGroupingSets } from './grouping-sets.ts';
import { operatorSignature } from './resolve-call.ts';

export interface BoundGroupBy {
  readonly keys: readonly Expression[];
  readonly sets: readonly (readonly number[])[];
}

interface GroupByPlace {
  readonly items: readonly OutputItem[];
  readonly scope: ExpressionScope;
  /** Keys a window clause adds. */
  readonly implicit: readonly Expression[];
}

/** GROUP BY, its ordinals and output names resolved. Null: no grouping is written. */
export function bindGroupBy(clause: GroupByClause | null, place: GroupByPlace): BoundGroupBy | null {
  if (clause === null) return place.implicit.length === 0 ? null : { keys: place.implicit, sets: [place.implicit.map((_, index) => index)] };
  const keys: Expression[] = [];
  const positions = new Map<string, number>();
  const add = (expression: Expression): number => {
    const key = expressionKey(expression);
    const known = positions.get(key);
    if (known !== undefined) return known;
    positions.set(key, keys.length);
    keys.push(expression);
    return keys.length - 1;
  };
  for (const expression of place.implicit) add(expression);
  if (clause.all) {
    for (const item of place.items) if (item.callCount === 0) add(resolveUnknown(item.expression, place.scope.state));
    return { keys, sets: [keys.map((_, index) => index)] };
  }
  const implicit = keys.map((_, index) => index);
  const sets = expandGroupingSets(clause, (node) => add(bindKey(node, place)));
  return { keys, sets: sets.map((set) => [...implicit, ...set.filter((position) => !implicit.includes(position))]) };
}

/** A number is a position of the select list; a lone name a column of FROM, else an output column; anything else an expression. */
function bindKey(node: AstExpression, place: GroupByPlace): Expression {
  const { scope } = place;
  if (isGroupWindowCall(node) && scope.groupWindow !== null) return scope.groupWindow.start;
  const bound = resolveUnknown(ordinalOrName(node, place) ?? bind(node, groupingScope(scope)), scope.state);
  visitExpression(bound, (part) => {
    if (part.kind === 'column' && part.index >= AGGREGATE_BASE) throw groupingError('aggregate functions are not allowed in GROUP BY', node.span);
  });
  if (bound.type.kind !== 'row' && operatorSignature('=', bound.type, bound.type, scope.state) === null) {
    throw new SqlError({
      code: SqlState.undefinedFunction,
      message: `could not identify an equality operator for type ${typeText(bound.type)}`,
      position: node.span.start,
    });
  }
  return bound;
}

function groupingScope(scope: ExpressionScope): ExpressionScope {
  return { ...scope, aggregates: null, overs: null, setFunctions: null, clause: 'GROUP BY' };
}

function ordinalOrName(node: AstExpression, place: GroupByPlace): Expression | null {
  if (node.kind === 'number-literal') {
    if (!/^\d+$/.test(node.text)) throw syntaxError('non-integer constant in GROUP BY', node.span);
    const item = place.items[Number(node.text) - 1];
    if (item !== undefined) return item.expression;
    throw new SqlError({
      code: SqlState.invalidColumnReference,
      message: `GROUP BY position ${node.text} is not in select list`,
      position: node.span.start,
    });
  }
  if (node.kind === 'string-literal' || node.kind === 'null-literal') throw syntaxError('non-integer constant in GROUP BY', node.span);
  if (node.kind !== 'column-reference' || node.name.length !== 1) return null;
  const name = foldIdentifier(node.name[0]!);
  if (place.scope.row.columns.some((column) => column.name === name)) return null;
  const named = place.items.filter((item) => item.name === name);
  if (named.length === 0) return null;
  if (named.some((item) => expressionKey(item.expression) !== expressionKey(named[0]!.expression))) {
    throw new SqlError({ code: SqlState.ambiguousColumn, message: `GROUP BY "${name}" is ambiguous`, position: node.span.start });
  }
  return named[0]!.expression;
}
