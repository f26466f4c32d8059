import { SqlError, SqlState } from '../../base/index.ts';
import { type Expression, visitExpression } from '../../expr/index.ts';
import type * as ast from '../../sql/index.ts';
import { foldIdentifier } from '../../sql/index.ts';
import { boolType, int4Type } from '../../types/index.ts';
import {
  type AggregateCall,
  expressionKey,
  freeOuterColumns,
  GROUPING_SIGNATURE,
  mapAggregateCall,
  mapOuterColumnsOfExpression,
  type SortKey,
  subqueryPlan,
} from '../logical/index.ts';
import { arrivalOrder } from './arrival-order.ts';
import { bindOrderedSetCall } from './bind-ordered-set-call.ts';
import { toBoolean } from './bind-predicate.ts';
import { bindSortKeys } from './bind-sort-key.ts';
import { bind, type ExpressionScope } from './bind-state.ts';
import { groupingError, syntaxError, wrongObject } from './binder-error.ts';
import { convertArguments, noteDeclared, resolveOverload, resultTypeOf } from './resolve-call.ts';

/**
 * An aggregate belongs to the innermost query one of its columns comes from (SQL standard; PostgreSQL, "Aggregate Expressions"); its value is a
 * placeholder column of that query until the Aggregate node exists. Errors: 42803 where aggregates are not allowed.
 */
export function bindAggregateCall(node: ast.FunctionCall, name: string, scope: ExpressionScope): Expression {
  const call = buildAggregateCall(node, name, scope);
  return placeCall(call, node, scope);
}

/** The call itself, over the row of the scope. */
function buildAggregateCall(node: ast.FunctionCall, name: string, scope: ExpressionScope): AggregateCall {
  const inner: ExpressionScope = { ...scope, aggregates: null, overs: null, setFunctions: null, clause: AGGREGATE_CLAUSE };
  const named = scope.state.context.functions.aggregates(name);
  const filter = node.filter === null ? null : toBoolean(bind(node.filter, { ...inner, clause: 'FILTER' }), 'FILTER', scope.state);
  if (node.withinGroup !== null && !SORTED_BY_WITHIN_GROUP.has(name)) return { ...bindOrderedSetCall(node, named, inner), filter };
  const plain = named.filter((definition) => definition.orderedSet === undefined);
  if (plain.length === 0) throw wrongObject(`WITHIN GROUP is required for ordered-set aggregate ${name}`, node.span);
  const args = node.arguments.map((argument) => bind(argument.value, inner));
  if (!node.star && args.length === 0 && plain.some((definition) => definition.argumentTypes.length === 0)) {
    throw wrongObject(`${name}(*) must be used to call a parameterless aggregate function`, node.span);
  }
  const definitions = plain.filter((definition) => (definition.argumentTypes.length === 0) === (args.length === 0));
  const candidate = resolveOverload(name, definitions, { args, span: node.span, state: scope.state });
  const converted = convertArguments(candidate, args, scope.state);
  noteDeclared(candidate.definition, scope.state);
  const orderBy = arrivalOrder(node, name, inner) ?? bindSortKeys(node.withinGroup ?? node.orderBy, inner);
  if (node.distinct) checkDistinct(converted, orderBy, node);
  return {
    signature: candidate.definition.signature,
    name,
    args: converted,
    distinct: node.distinct,
    filter: withoutNulls(node, converted, filter),
    orderBy,
    type: resultTypeOf(candidate.definition, converted),
  };
}

/** Plain aggregates that the standard and Flink order by WITHIN GROUP. */
const SORTED_BY_WITHIN_GROUP: ReadonlySet<string> = new Set(['listagg']);
/** Aggregates for which it matters whether NULL is a value. */
const CHOOSES_A_ROW: ReadonlySet<string> = new Set(['first_value', 'last_value']);

/** Rows that are one under DISTINCT have one place in the order only if the order looks at nothing else. */
function checkDistinct(args: readonly Expression[], orderBy: readonly SortKey[], node: ast.FunctionCall): void {
  if (orderBy.length > 0 && args.length === 0) throw syntaxError('DISTINCT needs an argument', node.span);
  const known = new Set(args.map(expressionKey));
  const stray = orderBy.find((key) => !known.has(expressionKey(key.expression)));
  if (stray === undefined) return;
  throw new SqlError({
    code: SqlState.invalidColumnReference,
    message: 'in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list',
    position: (stray.expression.span ?? node.span).start,
  });
}

/** IGNORE NULLS is a filter. */
function withoutNulls(node: ast.FunctionCall, args: readonly Expression[], filter: Expression | null): Expression | null {
  if (node.nullTreatment === null) return filter;
  if (!CHOOSES_A_ROW.has(foldIdentifier(node.name.parts.at(-1)!)))
    throw wrongObject('only first_value and last_value take RESPECT or IGNORE NULLS', node.span);
  if (node.nullTreatment === 'respect') return filter;
  const present: Expression = { kind: 'is-null', input: args[0]!, negated: true, type: boolType };
  return filter === null ? present : { kind: 'logical', operator: 'and', args: [filter, present], type: boolType };
}

const AGGREGATE_CLAUSE = 'an aggregate';

/** `GROUPING(a, b)`: its arguments are matched with the GROUP BY list when the Aggregate node is built. */
export function bindGroupingCall(node: ast.FunctionCall, scope: ExpressionScope): Expression {
  if (node.arguments.length === 0 || node.arguments.length > 31) throw syntaxError('GROUPING must have fewer than 32 arguments', node.span);
  const inner: ExpressionScope = { ...scope, aggregates: null, overs: null, setFunctions: null, clause: 'GROUPING' };
  const args = node.arguments.map((argument) => bind(argument.value, inner));
  const call: AggregateCall = { signature: GROUPING_SIGNATURE, name: 'grouping', args, distinct: false, filter: null, orderBy: [], type: int4Type };
  return placeCall(call, node, scope);
}

function placeCall(call: AggregateCall, node: ast.FunctionCall, scope: ExpressionScope): Expression {
  const depth = owningDepth(call);
  const owner = scopeAt(scope, depth);
  if (owner.aggregates === null) {
    if (owner.clause === AGGREGATE_CLAUSE) throw groupingError('aggregate function calls cannot be nested', node.span);
    throw groupingError(`${call.name === 'grouping' ? 'grouping operations' : 'aggregate functions'} are not allowed in ${owner.clause}`, node.span);
  }
  const local = depth === 0 ? call : mapAggregateCall(call, (expression) => moveOut(expression, depth));
  const index = owner.aggregates.base + owner.aggregates.calls.length;
  owner.aggregates.calls.push(local);
  owner.aggregates.spans.push(node.span);
  const base = { index, name: call.name, type: call.type, span: node.span };
  return depth === 0 ? { kind: 'column', ...base } : { kind: 'outer-column', depth, ...base };
}

/** 0 when the call reads a column of the row at hand or none at all; otherwise the depth of the nearest row it reads. */
function owningDepth(call: AggregateCall): number {
  let nearest = Number.POSITIVE_INFINITY;
  const see = (depth: number): void => {
    nearest = Math.min(nearest, depth);
  };
  mapAggregateCall(call, (expression) => {
    visitExpression(expression, (node) => {
      if (node.kind === 'column') see(0);
      if (node.kind === 'outer-column') see(node.depth);
      // Rows pushed by a subquery inside the argument are its own; what lies outside it counts from one less.
      if (node.kind === 'subquery') for (const column of freeOuterColumns(subqueryPlan(node))) see(column.depth - 1);
    });
    return expression;
  });
  return Number.isFinite(nearest) ? nearest : 0;
}

function scopeAt(scope: ExpressionScope, depth: number): ExpressionScope {
  let found = scope;
  for (let level = 0; level < depth; level++) found = found.outer!.scope;
  return found;
}

/** The expression as seen from the row `depth` queries outside. */
function moveOut(expression: Expression, depth: number): Expression {
  return mapOuterColumnsOfExpression(expression, (column, level) => {
    const distance = column.depth - level;
    if (distance < depth) return column;
    if (distance > depth) return { ...column, depth: column.depth - depth };
    if (level > 0) return { ...column, depth: level };
    return { kind: 'column', index: column.index, name: column.name, type: column.type, span: column.span };
  });
}
