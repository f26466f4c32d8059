import { SqlError, SqlState } from '../../base/index.ts';
import { type Expression, expressionChildren } from '../../expr/index.ts';
import { foldIdentifier, type OrderByItem, type Select, type Span, type WindowSpecification } from '../../sql/index.ts';
import { int8Type } from '../../types/index.ts';
import { type AggregateCall, type LogicalPlan, mapOverCall, moveColumns, type OverCall, pushRow, type SortKey } from '../logical/index.ts';
import { namesArrival } from './arrival-columns.ts';
import { bindFromList } from './bind-from.ts';
import { type BoundGroupBy, bindGroupBy } from './bind-group-by.ts';
import { applyGroupWindow } from './bind-group-window.ts';
import { toBoolean } from './bind-predicate.ts';
import { bindSelectItems, type OutputItem } from './bind-select-items.ts';
import {
  AGGREGATE_BASE,
  bind,
  createCollector,
  type ExpressionScope,
  OVER_BASE,
  plainScope,
  type QueryEnvironment,
  SET_FUNCTION_BASE,
  type SetFunctionCall,
} from './bind-state.ts';
import { AggregateRewriter } from './build-aggregate.ts';
import { resolveUnknown } from './coercion.ts';
import { finishSelect, type LimitClause } from './finish-select.ts';
import { inLockstep } from './lockstep.ts';
import { bindOrderBy } from './order-by.ts';
import { type BoundFrom, columnOf } from './row-scope.ts';

/** What stands around a SELECT and has to see its inside. */
interface SelectTail {
  readonly orderBy: readonly OrderByItem[];
  readonly limit: LimitClause;
}

/** The parts of a SELECT, bound over the row of FROM with placeholders for aggregates, windows and set-returning functions. */
interface SelectParts {
  readonly items: readonly OutputItem[];
  readonly having: Expression | null;
  readonly qualify: Expression | null;
  readonly keys: readonly SortKey[];
  readonly distinctOn: readonly Expression[];
}

/**
 * One SELECT: FROM, WHERE, windows of GROUP BY, Aggregate, HAVING, Over, QUALIFY, set-returning functions, Project, DISTINCT, ORDER BY, LIMIT,
 * in this order (SQL's order of evaluation). Output columns that are still untyped stay `unknown` for the caller to settle.
 */
export function bindSelect(select: Select, tail: SelectTail, environment: QueryEnvironment): LogicalPlan {
  const source = filterRows(bindFromList(select, { ...environment, readsArrival: namesArrival(select) }), select, environment);
  const windowed = applyGroupWindow(source, select, environment);
  // Which rows a query has does not depend on how they are distributed: CREATE STREAM … AS makes a key of it.
  for (const key of select.partitionBy) bind(key, plainScope(environment, windowed.from.row, 'PARTITION BY'));
  const scope: ExpressionScope = {
    ...plainScope(environment, windowed.from.row, 'SELECT'),
    aggregates: createCollector<AggregateCall>(AGGREGATE_BASE),
    overs: createCollector<OverCall>(OVER_BASE),
    setFunctions: createCollector<SetFunctionCall>(SET_FUNCTION_BASE),
    groupWindow: windowed.groupWindow,
    windows: namedWindows(select),
  };
  const items = settledItems(bindSelectItems(select.items, scope), select, scope);
  const groupBy = bindGroupBy(select.groupBy, { items, scope, implicit: windowed.implicitKeys });
  const inner = { ...scope, setFunctions: null };
  const having = select.having === null ? null : toBoolean(bind(select.having, { ...inner, overs: null, clause: 'HAVING' }), 'HAVING', scope.state);
  const qualify = select.qualify === null ? null : toBoolean(bind(select.qualify, { ...inner, clause: 'QUALIFY' }), 'QUALIFY', scope.state);
  const { keys, distinctOn } = bindOrderBy({ orderBy: tail.orderBy, distinct: select.distinct, items }, scope);
  const parts = { items, having, qualify, keys, distinctOn };
  const built = buildSelect(windowed.from, parts, groupBy, scope);
  return finishSelect({ ...built, distinct: select.distinct, limit: tail.limit, names: items.map((item) => item.name) });
}

/** DISTINCT compares its columns, so one that is still untyped is text from here on, as in PostgreSQL. */
function settledItems(items: OutputItem[], { distinct }: Select, { state }: ExpressionScope): OutputItem[] {
  return distinct === null ? items : items.map((item) => ({ ...item, expression: resolveUnknown(item.expression, state) }));
}

function filterRows(from: BoundFrom, select: Select, environment: QueryEnvironment): BoundFrom {
  if (select.where === null) return from;
  const scope = plainScope(environment, from.row, 'WHERE');
  const predicate = toBoolean(bind(select.where, scope), 'WHERE', environment.state);
  return { row: from.row, plan: { kind: 'filter', input: from.plan, predicate, fields: from.plan.fields } };
}

function namedWindows(select: Select): ReadonlyMap<string, WindowSpecification> {
  const windows = new Map<string, WindowSpecification>();
  for (const window of select.windows) {
    const name = foldIdentifier(window.name);
    if (windows.has(name)) {
      throw new SqlError({ code: SqlState.windowingError, message: `window "${name}" is already defined`, position: window.span.start });
    }
    windows.set(name, window.specification);
  }
  return windows;
}

interface BuiltSelect {
  readonly input: LogicalPlan;
  readonly outputs: readonly Expression[];
  readonly keys: readonly SortKey[];
  readonly distinctOn: readonly Expression[];
}

/** The same with everything that still refers to the row below. */
interface PartsOfSelect extends BuiltSelect {
  readonly having: Expression | null;
  readonly qualify: Expression | null;
  readonly overs: readonly OverCall[];
  readonly sets: readonly SetFunctionCall[];
}

/** Puts the nodes on top of each other and gives every placeholder its real position. */
function buildSelect(from: BoundFrom, parts: SelectParts, groupBy: BoundGroupBy | null, scope: ExpressionScope): BuiltSelect {
  const outputs = parts.items.map((item) => item.expression);
  let current: PartsOfSelect = {
    input: from.plan,
    outputs,
    keys: parts.keys,
    distinctOn: parts.distinctOn,
    having: parts.having,
    qualify: parts.qualify,
    overs: scope.overs!.calls,
    sets: scope.setFunctions!.calls,
  };
  const calls = scope.aggregates!.calls;
  if (groupBy !== null || calls.length > 0 || parts.having !== null) {
    const rewriter = new AggregateRewriter({
      keys: groupBy === null ? [] : [...groupBy.keys],
      sets: groupBy?.sets ?? [[]],
      calls,
      callSpans: scope.aggregates!.spans,
      row: from.row,
    });
    const rewritten = mapParts(current, (expression) => rewriter.rewrite(expression));
    const first = rewriter.keyCount;
    const place = (index: number): number => (index >= AGGREGATE_BASE && index < OVER_BASE ? index - AGGREGATE_BASE + first : index);
    current = { ...mapParts(rewritten, (expression) => moveColumns(expression, place)), input: rewriter.finish(from.plan) };
  }
  if (current.having !== null) current = { ...current, input: filterOf(current.input, current.having) };
  if (current.overs.length > 0) current = addOver(current);
  if (current.qualify !== null) current = { ...current, input: filterOf(current.input, current.qualify) };
  return addSetFunctions(current, scope);
}

function mapParts<Parts extends PartsOfSelect>(parts: Parts, change: (expression: Expression) => Expression): Parts {
  return {
    ...parts,
    outputs: parts.outputs.map(change),
    keys: parts.keys.map((key) => ({ ...key, expression: change(key.expression) })),
    distinctOn: parts.distinctOn.map(change),
    having: parts.having && change(parts.having),
    qualify: parts.qualify && change(parts.qualify),
    overs: parts.overs.map((call) => mapOverCall(call, change)),
    sets: parts.sets.map((call) => ({ ...call, args: call.args.map(change) })),
  };
}

function filterOf(input: LogicalPlan, predicate: Expression): LogicalPlan {
  return { kind: 'filter', input, predicate, fields: input.fields };
}

function addOver(parts: PartsOfSelect): PartsOfSelect {
  const width = parts.input.fields.length;
  const added = parts.overs.map((call) => ({
    name: call.function.kind === 'window' ? call.function.name : signatureName(call.function.signature),
    type: call.type,
  }));
  const input: LogicalPlan = { kind: 'over', input: parts.input, calls: parts.overs, fields: [...parts.input.fields, ...added] };
  const place = (index: number): number => (index >= OVER_BASE && index < SET_FUNCTION_BASE ? index - OVER_BASE + width : index);
  return { ...mapParts(parts, (expression) => moveColumns(expression, place)), input, overs: [] };
}

function signatureName(signature: string): string {
  return /^[^(\s]+/.exec(signature)![0];
}

/**
 * Set-returning functions of the select list are a lateral join: each row is repeated for every row of the functions, which run in lockstep. One whose
 * arguments are another one's rows comes after it.
 */
function addSetFunctions(parts: PartsOfSelect, scope: ExpressionScope): PartsOfSelect {
  const waits = (call: SetFunctionCall): boolean => call.args.some(readsSetFunction);
  let current = parts;
  let left = parts.sets.map((_, index) => index);
  while (left.length > 0) {
    const ready = left.filter((index) => !waits(current.sets[index]!));
    current = addSideBySide(current, ready, scope);
    left = left.filter((index) => !ready.includes(index));
  }
  return current;
}

function readsSetFunction(expression: Expression): boolean {
  return (expression.kind === 'column' && expression.index >= SET_FUNCTION_BASE) || expressionChildren(expression).some(readsSetFunction);
}

function addSideBySide(parts: PartsOfSelect, indexes: readonly number[], scope: ExpressionScope): PartsOfSelect {
  const width = parts.input.fields.length;
  const plans = indexes.map((index) => setFunctionPlan(parts.sets[index]!, scope.setFunctions!.spans[index]!, indexes.length > 1));
  const right = plans.length === 1 ? plans[0]! : inLockstep(plans, scope.setFunctions!.spans[indexes[0]!]!, scope.state);
  const fields = [...parts.input.fields, ...right.fields];
  const input: LogicalPlan = { kind: 'join', left: parts.input, right, joinType: 'cross', condition: null, lateral: true, fields };
  const columns = new Map(indexes.map((index, position) => [SET_FUNCTION_BASE + index, width + position]));
  const place = (position: number): number => columns.get(position) ?? position;
  return { ...mapParts(parts, (expression) => moveColumns(expression, place)), input };
}

/** One column: several of the function's are a row. */
function setFunctionPlan({ name, args, columns, type }: SetFunctionCall, span: Span, ordinality: boolean): LogicalPlan {
  const last = ordinality ? [{ name: 'ordinality', type: int8Type }] : [];
  const fields = [...(columns.length === 1 ? [{ name, type }] : columns), ...last];
  const rows: LogicalPlan = { kind: 'table-function', name, args: args.map(pushRow), ordinality, fields };
  if (columns.length === 1) return rows;
  const row: Expression = { kind: 'construct', type, args: columns.map((column, index) => columnOf(index, column)), span };
  const ordinal = last.map((field) => columnOf(columns.length, field));
  return { kind: 'project', input: rows, expressions: [row, ...ordinal], fields: [{ name, type }, ...last] };
}
