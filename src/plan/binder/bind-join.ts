import { SqlError, SqlState } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import { type FromItem, foldIdentifier, type Identifier, type Join, type Span, type TableReference } from '../../sql/index.ts';
import { boolType } from '../../types/index.ts';
import { freeOuterColumns, type JoinPlan, type JoinType, type LogicalPlan, shiftOuterColumns } from '../logical/index.ts';
import { asOfJoin } from './bind-as-of-join.ts';
import { conjunction, toBoolean } from './bind-predicate.ts';
import { bind, type ExpressionScope, enterRightSide, plainScope, type QueryEnvironment } from './bind-state.ts';
import { temporalJoin } from './bind-temporal-join.ts';
import { withinCondition } from './bind-within.ts';
import { notSupported } from './binder-error.ts';
import { mustCoerce } from './coercion.ts';
import { unify } from './common-type.ts';
import { resolveOperator } from './resolve-call.ts';
import { type BoundFrom, joinRows, type RowScope, type ScopeColumn, type ScopeRelation, shiftRow } from './row-scope.ts';
import { requireTimeColumn, type SnapshotSide, snapshotSide } from './snapshot-join.ts';

type SystemTime = NonNullable<TableReference['systemTime']>;

type BindItem = (item: FromItem, environment: QueryEnvironment) => BoundFrom;

/** The right side of a join. It is lateral when it really reads the left row; otherwise the pushed row is taken away again. */
function bindRightSide(left: BoundFrom, item: FromItem, environment: QueryEnvironment, bindItem: BindItem): { right: BoundFrom; lateral: boolean } {
  const right = bindItem(item, enterRightSide(environment, left.row));
  const lateral = freeOuterColumns(right.plan).some((column) => column.depth === 1);
  return lateral ? { right, lateral } : { right: { plan: shiftOuterColumns(right.plan, -1, 2), row: right.row }, lateral };
}

/** The comma list of FROM: cross joins from left to right. */
export function crossJoin(left: BoundFrom, item: FromItem, environment: QueryEnvironment, bindItem: BindItem): BoundFrom {
  const { right, lateral } = bindRightSide(left, item, environment, bindItem);
  const row = joinRows(left.row, right.row, item.span);
  return { plan: joinPlan({ left, right, joinType: 'cross', condition: null, lateral }), row };
}

interface JoinParts {
  readonly left: BoundFrom;
  readonly right: BoundFrom;
  readonly joinType: JoinType;
  readonly condition: Expression | null;
  readonly lateral: boolean;
}

function joinPlan(parts: JoinParts): JoinPlan {
  const left: LogicalPlan = parts.left.plan;
  const right: LogicalPlan = parts.right.plan;
  const fields = [...left.fields, ...right.fields];
  return { kind: 'join', left, right, joinType: parts.joinType, condition: parts.condition, lateral: parts.lateral, fields };
}

export function bindJoin(node: Join, environment: QueryEnvironment, bindItem: BindItem): BoundFrom {
  const systemTime = systemTimeOf(node);
  const left = bindItem(node.left, environment);
  const snapshot = snapshotSide(node.right, environment);
  const { right, lateral } = bindRightSide(left, snapshot?.table ?? withoutSystemTime(node.right), environment, bindItem);
  if (snapshot !== null && snapshot.onTime !== null) requireTimeColumn(snapshot.onTime, right.row);
  if (lateral && (node.type === 'right' || node.type === 'full')) {
    throw new SqlError({
      code: SqlState.invalidColumnReference,
      message: 'invalid reference to a table to the left of a LATERAL item',
      detail: 'The combining JOIN type must be INNER or LEFT for a LATERAL reference.',
      position: node.right.span.start,
    });
  }
  const joined = joinRows(left.row, right.row, node.span);
  const names = node.natural ? commonNames(left.row, right.row) : node.using.map(foldIdentifier);
  if (names.length > 0 || node.natural) {
    const merged = mergeColumns({ node, names, left: left.row, right: shiftRow(right.row, left.row.width) }, environment);
    const parts = { node, left, right, condition: merged.condition, lateral, joined, systemTime, snapshot };
    const row = withNullable(node, joined, left.row.relations.length);
    return { plan: planOf(parts, environment), row: { ...row, relations: withUsingAlias(node, row, merged.columns), columns: merged.all } };
  }
  const condition = node.on === null ? null : toBoolean(bind(node.on, conditionScope(joined, environment)), 'JOIN/ON', environment.state);
  const plan = planOf({ node, left, right, condition, lateral, joined, systemTime, snapshot }, environment);
  return { plan, row: withNullable(node, joined, left.row.relations.length) };
}

/** Behind the join, the tables of a side that rows of the other one are kept without. */
function withNullable({ type }: Join, joined: RowScope, leftCount: number): RowScope {
  const isNullable = (index: number): boolean => type === 'full' || type === (index < leftCount ? 'right' : 'left');
  const relations = joined.relations.map((relation, index): ScopeRelation => (isNullable(index) ? { ...relation, nullable: true } : relation));
  return { ...joined, relations };
}

function conditionScope(joined: RowScope, environment: QueryEnvironment): ExpressionScope {
  return { ...plainScope(environment, joined, 'JOIN conditions'), outer: environment.outer };
}

/** The version of FOR SYSTEM_TIME AS OF behind the right table. */
function systemTimeOf({ right }: Join): SystemTime | null {
  return right.kind === 'table-reference' ? right.systemTime : null;
}

/** The join has read it. */
function withoutSystemTime(item: FromItem): FromItem {
  return item.kind === 'table-reference' && item.systemTime !== null ? { ...item, systemTime: null } : item;
}

interface ConditionedJoin {
  readonly node: Join;
  readonly left: BoundFrom;
  readonly right: BoundFrom;
  readonly condition: Expression | null;
  readonly lateral: boolean;
  /** The names of both sides. */
  readonly joined: RowScope;
  readonly systemTime: SystemTime | null;
  readonly snapshot: SnapshotSide | null;
}

/** The join the words around JOIN ask for. */
function planOf(parts: ConditionedJoin, environment: QueryEnvironment): LogicalPlan {
  const { node, left, right, lateral, joined, systemTime } = parts;
  const sides = { node, left: left.plan, right: right.plan };
  if (lateral && (node.asOf || systemTime !== null || node.within !== null)) {
    throw notSupported('a join over time with LATERAL is not supported', node.right.span, 'Use a subquery that does not read the left side.');
  }
  if (parts.snapshot !== null) {
    refuseTogether(node, 'LATERAL SNAPSHOT');
    return temporalJoin({ ...sides, condition: parts.condition, moment: null, momentSpan: parts.snapshot.table.span }, environment.state);
  }
  if (systemTime !== null) {
    refuseTogether(node, 'FOR SYSTEM_TIME AS OF');
    const moment = bind(systemTime, plainScope(environment, left.row, 'FOR SYSTEM_TIME AS OF'));
    return temporalJoin({ ...sides, condition: parts.condition, moment, momentSpan: systemTime.span }, environment.state);
  }
  if (node.asOf) {
    const match = node.matchCondition;
    const compared = match === null ? null : toBoolean(bind(match, conditionScope(joined, environment)), 'MATCH_CONDITION', environment.state);
    return asOfJoin({ ...sides, condition: parts.condition, match: compared }, environment.state);
  }
  const near = node.within === null ? null : withinCondition({ ...sides, within: node.within }, plainScope(environment, joined, 'WITHIN'));
  const both = near !== null && parts.condition !== null ? conjunction([parts.condition, near], 'and', node.span) : (near ?? parts.condition);
  return joinPlan({ left, right, joinType: node.type, condition: both, lateral });
}

function refuseTogether(node: Join, words: string): void {
  if (node.asOf) throw notSupported(`ASOF JOIN with ${words} is not supported`, node.span, 'Either of them picks the row: leave one out.');
  if (node.within !== null) throw notSupported(`JOIN … WITHIN with ${words} is not supported`, node.within.span, 'Leave one of them out.');
}

function commonNames(left: RowScope, right: RowScope): string[] {
  const known = new Set(right.columns.map((column) => column.name));
  return [...new Set(left.columns.map((column) => column.name))].filter((name) => known.has(name));
}

interface Merge {
  readonly node: Join;
  readonly names: readonly string[];
  readonly left: RowScope;
  /** Already moved behind the left's columns. */
  readonly right: RowScope;
}

/** USING and NATURAL: each name is one column, first in the star's order (SQL:2016, 7.10 "joined table"). */
function mergeColumns(merge: Merge, environment: QueryEnvironment): { condition: Expression; columns: ScopeColumn[]; all: ScopeColumn[] } {
  const { state } = environment;
  const conditions: Expression[] = [];
  const columns: ScopeColumn[] = [];
  for (const [index, name] of merge.names.entries()) {
    const span = merge.node.using[index]?.span ?? merge.node.span;
    const left = usingColumn(merge.left, name, 'left', span);
    const right = usingColumn(merge.right, name, 'right', span);
    const equal = resolveOperator('=', [left.expression, right.expression], span, state);
    conditions.push(toBoolean(equal, 'JOIN/USING', state));
    const { type, expressions } = unify([left.expression, right.expression], 'JOIN/USING', state);
    const chosen = merge.node.type === 'right' ? right.expression : left.expression;
    const expression: Expression =
      merge.node.type === 'full' ? { kind: 'coalesce', args: expressions, type, span } : mustCoerce(chosen, type, 'implicit', state);
    columns.push({ name, expression });
  }
  const merged = new Set(merge.names);
  const rest = [...merge.left.columns, ...merge.right.columns].filter((column) => !merged.has(column.name));
  const always: Expression = { kind: 'literal', type: boolType, value: true, span: merge.node.span };
  return { condition: conditions.length === 0 ? always : conjunction(conditions, 'and', merge.node.span), columns, all: [...columns, ...rest] };
}

function usingColumn(row: RowScope, name: string, side: 'left' | 'right', span: Span): ScopeColumn {
  const found = row.columns.filter((column) => column.name === name);
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    throw new SqlError({
      code: SqlState.ambiguousColumn,
      message: `common column name "${name}" appears more than once in ${side} table`,
      position: span.start,
    });
  }
  throw new SqlError({
    code: SqlState.undefinedColumn,
    message: `column "${name}" specified in USING clause does not exist in ${side} table`,
    position: span.start,
  });
}

/** `JOIN … USING (a) AS j`: j.a is the merged column. */
function withUsingAlias(node: Join, row: RowScope, columns: readonly ScopeColumn[]): RowScope['relations'] {
  const alias: Identifier | null = node.usingAlias;
  if (alias === null) return row.relations;
  return [...row.relations, { alias: foldIdentifier(alias), name: foldIdentifier(alias), schema: null, columns, scalar: false, primaryKey: null }];
}
