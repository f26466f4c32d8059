import type { Expression, SubqueryExpression } from '../../../expr/index.ts';
import { boolType, int8Type } from '../../../types/index.ts';
import { type AggregateCall, type AggregatePlan, freeOuterColumns, type LogicalPlan, pushRow, subqueryPlan } from '../../logical/index.ts';
import type { OptimizerContext } from '../optimizer-rule.ts';
import { allOf, filtered } from '../split-filter.ts';
import { columnOf, selectColumns } from './columns.ts';
import { type Comparison, comparedValues, comparisonOf } from './comparison.ts';
import { rowsThatCount } from './condition-join.ts';
import { padded, withMark } from './empty-row.ts';
import { isOneRow } from './one-row.ts';
import { unnestAt } from './unnest-at.ts';
import { tieConditions, type Unnested } from './unnested.ts';

/** Where a subquery stands whose value is wanted. */
interface Place {
  readonly left: LogicalPlan;
  /** Conditions over the left row under which the value is asked for. */
  readonly guards: readonly Expression[];
  readonly context: OptimizerContext;
}

/** The left rows, each once, with columns behind their own, and the subquery's value over that. */
interface Valued {
  readonly plan: LogicalPlan;
  readonly value: Expression;
}

/** The value of a subquery by a join. Null: it cannot be done, or costs nothing as it is. */
export function subqueryValue(subquery: SubqueryExpression, place: Place): Valued | null {
  const plan = subqueryPlan(subquery);
  // What does not depend on the row is evaluated once, when a row asks.
  const once = !place.context.continuous && !freeOuterColumns(plan).some((column) => column.depth === 1);
  switch (subquery.form) {
    case 'scalar':
      return once ? null : scalarValue(plan, place);
    case 'exists':
      return once ? null : existsValue(subquery, place);
    case 'any':
    case 'all':
      return comparedValue(subquery, place);
    case 'array':
      return once ? null : arrayValue(subquery, place);
  }
}

function scalarValue(plan: LogicalPlan, place: Place): Valued | null {
  const { left, guards, context } = place;
  const unnested = unnestAt(plan, filtered(left, guards), context);
  if (unnested === null) return null;
  const alone = unnested.keys.length + unnested.conditions.length === 0;
  const one = unnested.single || unnested.empty !== null || (alone && isOneRow(plan));
  if (!one && !context.continuous) return null;
  const ties = tieConditions(unnested, left.fields.length);
  const pad = padded(unnested, 1, { offset: left.fields.length, overLeft: (expression) => expression });
  // A second row is an error of the rows that ask for the value, not of others.
  const conditions = one ? ties : [...guards, ...ties];
  const joinType = alone && isOneRow(plan) ? 'cross' : one ? 'left' : 'single';
  return { plan: joinOf(left, pad.plan, { joinType, conditions }), value: pad.value(0) };
}

function existsValue(subquery: SubqueryExpression, { left, guards, context }: Place): Valued | null {
  const unnested = unnestAt(rowsThatCount(subqueryPlan(subquery)), filtered(left, guards), context, { keysOnly: true });
  if (unnested === null) return null;
  if (unnested.empty !== null) return { plan: left, value: { kind: 'literal', type: boolType, value: !subquery.negated } };
  const { plan, found } = markedBy(
    unnested,
    unnested.keys.map((key) => key.column),
    { left, conditions: (right) => tieConditions(right, left.fields.length) },
  );
  return { plan, value: subquery.negated ? negate(found) : found };
}

/** The left rows joined with the distinct values of some columns of the unnested plan; `found` is true where there is such a row. */
function markedBy(
  unnested: Unnested,
  columns: readonly number[],
  place: { readonly left: LogicalPlan; readonly conditions: (right: Unnested) => readonly Expression[] },
): { plan: LogicalPlan; found: Expression } {
  const { left } = place;
  const kept = [...new Set(columns)];
  const selected = selectColumns(unnested.plan, kept);
  const { plan, mark } = kept.length === 0 ? firstMark(selected) : withMark({ kind: 'distinct', input: selected, on: null, fields: selected.fields });
  const keys = unnested.keys.map((key) => ({ ...key, column: kept.indexOf(key.column) }));
  const conditions = place.conditions({ ...unnested, plan, keys });
  const found = isNull(columnOf(plan.fields, mark, left.fields.length), true);
  return { plan: joinOf(left, plan, { joinType: 'left', conditions }), found };
}

/** One row, where there is any. */
function firstMark(rows: LogicalPlan): { plan: LogicalPlan; mark: number } {
  const { plan, mark } = withMark(rows);
  const one: Expression = { kind: 'literal', type: int8Type, value: 1n };
  return { plan: { kind: 'limit', input: plan, limit: one, offset: null, withTies: false, fields: plan.fields }, mark };
}

/** IN, ANY and ALL: TRUE, FALSE or NULL. */
function comparedValue(subquery: SubqueryExpression, place: Place): Valued | null {
  const comparison = comparisonOf(subquery, place.left);
  const valued = (comparison.equality ? equalityValue(comparison, place) : null) ?? generalValue(comparison, place);
  if (valued === null) return null;
  return comparison.negated ? { ...valued, value: negate(valued.value) } : valued;
}

/** Equal values are looked up; where none is, NULL among the values or for the input leaves it unknown. Null: not for this comparison. */
function equalityValue(comparison: Comparison, { left, guards, context }: Place): Valued | null {
  const nullable = comparison.nullable.includes(true);
  if (nullable && comparison.inputs.length > 1) return null;
  const unnested = unnestAt(comparison.plan, filtered(left, guards), context, { complete: true, keysOnly: true });
  if (unnested === null) return null;
  const width = left.fields.length;
  const own = comparison.plan.fields.map((_, index) => index);
  const marked = markedBy(unnested, [...own, ...unnested.keys.map((key) => key.column)], {
    left,
    conditions: (right) => [...tieConditions(right, width), comparison.condition(comparison.inputs, comparedValues(comparison, right.plan, width))],
  });
  if (!nullable) return { plan: marked.plan, value: marked.found };
  return withUnknown(marked, unnested, { input: comparison.inputs[0]!, leftWidth: width });
}

/** Counts the rows and the values to tell FALSE from NULL. */
function withUnknown(
  marked: { readonly plan: LogicalPlan; readonly found: Expression },
  unnested: Unnested,
  compared: { readonly input: Expression; readonly leftWidth: number },
): Valued {
  const keyColumns = [...new Set(unnested.keys.map((key) => key.column))];
  const groupBy = keyColumns.map((column) => columnOf(unnested.plan.fields, column));
  const calls = [countOf([]), countOf([columnOf(unnested.plan.fields, 0)])];
  const counts: AggregatePlan = {
    kind: 'aggregate',
    input: unnested.plan,
    groupBy,
    groupingSets: [groupBy.map((_, index) => index)],
    calls,
    fields: [...keyColumns.map((column) => unnested.plan.fields[column]!), ...calls.map((call) => ({ name: call.name, type: call.type }))],
  };
  const keys = unnested.keys.map((key) => ({ ...key, column: keyColumns.indexOf(key.column) }));
  const offset = marked.plan.fields.length;
  const ties = tieConditions({ ...unnested, plan: counts, keys }, offset);
  const plan = joinOf(marked.plan, counts, { joinType: groupBy.length === 0 ? 'cross' : 'left', conditions: ties });
  const read = (index: number): Expression => columnOf(counts.fields, groupBy.length + index, offset);
  const [rows, values] = [read(0), read(1)];
  const noRows: Expression = groupBy.length === 0 ? compareCounts('=', rows, { kind: 'literal', type: int8Type, value: 0n }) : isNull(rows, false);
  const unknown: Expression = {
    kind: 'logical',
    operator: 'or',
    args: [isNull(compared.input, false), compareCounts('>', rows, values)],
    type: boolType,
  };
  return {
    plan,
    value: decided([
      [marked.found, true],
      [noRows, false],
      [unknown, null],
    ]),
  };
}

/** The condition for every row beside every input: is it true for one, is it unknown for one? */
function generalValue(comparison: Comparison, { left, guards, context }: Place): Valued | null {
  const condition = comparison.condition(comparison.inputs.map(pushRow), comparedValues(comparison, comparison.plan, 0));
  const calls = [boolOr(condition), boolOr(isNull(condition, false))];
  const asked: AggregatePlan = {
    kind: 'aggregate',
    input: comparison.plan,
    groupBy: [],
    groupingSets: [[]],
    calls,
    fields: calls.map((call) => ({ name: call.name, type: call.type })),
  };
  const unnested = unnestAt(asked, filtered(left, guards), context);
  if (unnested === null) return null;
  const width = left.fields.length;
  const pad = padded(unnested, calls.length, { offset: width, overLeft: (expression) => expression });
  const ties = tieConditions(unnested, width);
  const plan = joinOf(left, pad.plan, { joinType: ties.length === 0 ? 'cross' : 'left', conditions: ties });
  return {
    plan,
    value: decided([
      [pad.value(0), true],
      [pad.value(1), null],
    ]),
  };
}

/** The first case that holds; FALSE where none does. */
function decided(cases: readonly (readonly [condition: Expression, value: boolean | null])[]): Expression {
  const literal = (value: boolean | null): Expression => ({ kind: 'literal', type: boolType, value });
  return {
    kind: 'case',
    branches: cases.map(([condition, value]) => ({ condition, result: literal(value) })),
    otherwise: literal(false),
    type: boolType,
  };
}

/** ARRAY(…): the rows collected, in their order. */
function arrayValue(subquery: SubqueryExpression, place: Place): Valued | null {
  const { input, value, orderBy } = collected(subqueryPlan(subquery));
  if (value.type.kind === 'array') return null;
  const call: AggregateCall = {
    signature: 'array_agg(any) -> array',
    name: 'array_agg',
    args: [value],
    distinct: false,
    filter: null,
    orderBy,
    type: subquery.type,
  };
  const fields = [{ name: call.name, type: call.type }];
  const valued = scalarValue({ kind: 'aggregate', input, groupBy: [], groupingSets: [[]], calls: [call], fields }, place);
  if (valued === null) return null;
  const nothing: Expression = { kind: 'literal', type: subquery.type, value: { elements: [] } };
  return { ...valued, value: { kind: 'coalesce', args: [valued.value, nothing], type: subquery.type } };
}

/** What is collected, over the rows below a last Sort. */
function collected(plan: LogicalPlan): { input: LogicalPlan; value: Expression; orderBy: AggregateCall['orderBy'] } {
  if (plan.kind === 'sort') return { input: plan.input, value: columnOf(plan.fields, 0), orderBy: plan.keys };
  if (plan.kind === 'project' && plan.input.kind === 'sort') {
    return { input: plan.input.input, value: plan.expressions[0]!, orderBy: plan.input.keys };
  }
  return { input: plan, value: columnOf(plan.fields, 0), orderBy: [] };
}

function countOf(args: readonly Expression[]): AggregateCall {
  const signature = `count(${args.length === 0 ? '*' : 'any'}) -> int8`;
  return { signature, name: 'count', args, distinct: false, filter: null, orderBy: [], type: int8Type };
}

function boolOr(condition: Expression): AggregateCall {
  return { signature: 'bool_or(bool) -> bool', name: 'bool_or', args: [condition], distinct: false, filter: null, orderBy: [], type: boolType };
}

function compareCounts(symbol: '=' | '>', left: Expression, right: Expression): Expression {
  return { kind: 'call', signature: `int8 ${symbol} int8 -> bool`, args: [left, right], type: boolType };
}

function isNull(input: Expression, negated: boolean): Expression {
  return { kind: 'is-null', input, negated, type: boolType };
}

function negate(value: Expression): Expression {
  return { kind: 'logical', operator: 'not', args: [value], type: boolType };
}

function joinOf(
  left: LogicalPlan,
  right: LogicalPlan,
  how: { readonly joinType: 'cross' | 'left' | 'single'; readonly conditions: readonly Expression[] },
): LogicalPlan {
  const fields = [...left.fields, ...right.fields];
  return { kind: 'join', left, right, joinType: how.joinType, condition: allOf(how.conditions), lateral: false, fields };
}
