import { SqlError, SqlState, unreachable } from '../../base/index.ts';
import { type Expression, visitExpression } from '../../expr/index.ts';
import {
  type Expression as AstExpression,
  type CommonTable,
  type CommonTablesClause,
  foldIdentifier,
  type OrderByItem,
  type Query,
  type QueryBody,
  type Select,
  type SetOperation,
  type TableBody,
  type ValuesBody,
  type WithClause,
} from '../../sql/index.ts';
import { int8Type } from '../../types/index.ts';
import type { Field, LogicalPlan, SortKey } from '../logical/index.ts';
import { bindMutualRecursion } from './bind-mutual-recursion.ts';
import { bindRecursive, nameColumns } from './bind-recursive.ts';
import { bindSelect } from './bind-select.ts';
import { bindSetOperation } from './bind-set-operation.ts';
import { sortKey } from './bind-sort-key.ts';
import { bind, type CommonTables, outerDepth, plainScope, type QueryEnvironment } from './bind-state.ts';
import { datatypeMismatch, notSupported, syntaxError, typeText } from './binder-error.ts';
import { resolveOutputs } from './cast-outputs.ts';
import { coerce } from './coercion.ts';
import { unify } from './common-type.ts';
import { type LimitClause, limitOf, sortOf } from './finish-select.ts';
import { columnOf, emptyRow, fieldColumns } from './row-scope.ts';

const noLimit: LimitClause = { limit: null, offset: null, withTies: false };

/** A query in any place; its untyped columns become text. */
export function bindQueryPlan(query: Query, environment: QueryEnvironment): LogicalPlan {
  return resolveOutputs(bindOpenQuery(query, environment), environment.state);
}

/** A query whose untyped columns stay `unknown`, for places that give them a type: set operations, INSERT. */
export function bindOpenQuery(query: Query, environment: QueryEnvironment): LogicalPlan {
  if (query.locking.length > 0) {
    throw notSupported('FOR UPDATE and FOR SHARE are not supported', query.locking[0]!.span, 'Conflicting writes are detected at COMMIT.');
  }
  const inner = query.with === null ? environment : bindWith(query.with, environment);
  const limit = bindLimit(query, inner);
  const { body, orderBy } = query;
  if (body.kind === 'select') return bindSelect(body, { orderBy, limit }, inner);
  if (body.kind === 'table-body') return bindSelect(selectAll(body), { orderBy, limit }, inner);
  const plan = bindBody(body, inner);
  const settled = orderBy.length === 0 ? plan : resolveOutputs(plan, inner.state);
  return limitOf(sortOf(settled, bindOutputOrder(orderBy, settled, body, inner)), limit);
}

function bindBody(body: QueryBody, environment: QueryEnvironment): LogicalPlan {
  switch (body.kind) {
    case 'query':
      return bindOpenQuery(body, environment);
    case 'select':
      return bindSelect(body, { orderBy: [], limit: noLimit }, environment);
    case 'table-body':
      return bindSelect(selectAll(body), { orderBy: [], limit: noLimit }, environment);
    case 'values':
      return bindValues(body, environment);
    case 'set-operation':
      return bindSetOperation(body, environment, bindBody);
    default:
      return unreachable(body);
  }
}

/** TABLE t is SELECT * FROM t. */
function selectAll(body: TableBody): Select {
  const { span } = body;
  return {
    kind: 'select',
    hints: [],
    distinct: null,
    items: [{ kind: 'select-item', expression: { kind: 'star', qualifier: [], except: [], span }, alias: null, span }],
    from: [{ kind: 'table-reference', name: body.name, only: false, alias: null, systemTime: null, sample: null, hints: [], span }],
    where: null,
    groupBy: null,
    having: null,
    windows: [],
    qualify: null,
    streamWindow: null,
    partitionBy: [],
    span,
  };
}

/** Rows of one length, each column brought to a common type; columns are named column1, column2, … */
function bindValues(body: ValuesBody, environment: QueryEnvironment): LogicalPlan {
  const scope = plainScope(environment, emptyRow, 'VALUES');
  const rows = body.rows.map((row) => row.map((node) => bind(node, scope)));
  const width = rows[0]?.length ?? 0;
  const odd = rows.findIndex((row) => row.length !== width);
  if (odd >= 0) throw syntaxError('VALUES lists must all be the same length', body.rows[odd]![0]?.span ?? body.span);
  const converted = rows.map((): Expression[] => []);
  const fields: Field[] = [];
  for (let index = 0; index < width; index++) {
    const column = rows.map((row) => row[index]!);
    const untyped = column.every((expression) => expression.type.kind === 'unknown');
    const expressions = untyped && rows.length === 1 ? column : unify(column, 'VALUES', environment.state).expressions;
    for (const [row, expression] of expressions.entries()) converted[row]!.push(expression);
    fields.push({ name: `column${index + 1}`, type: expressions[0]!.type });
  }
  return { kind: 'values', rows: converted, fields };
}

/** The common tables of a WITH clause, each bound once. */
export function bindWith(clause: WithClause, environment: QueryEnvironment): QueryEnvironment {
  if (clause.kind === 'with-mutually-recursive') return bindMutualRecursion(clause, environment);
  let inner = environment;
  const seen = new Set<string>();
  for (const table of clause.tables) {
    const name = foldIdentifier(table.name);
    if (seen.has(name)) {
      throw new SqlError({
        code: SqlState.duplicateAlias,
        message: `WITH query name "${name}" specified more than once`,
        position: table.name.span.start,
      });
    }
    seen.add(name);
    const depth = outerDepth(environment.outer);
    inner = { ...inner, commonTables: { name, ...bindCommonTable(table, clause, inner), depth, next: inner.commonTables } };
  }
  return inner;
}

/** What a reference to the table means. Errors: 0A000 for a statement that changes rows, where nobody has seen to it. */
function bindCommonTable(table: CommonTable, clause: CommonTablesClause, environment: QueryEnvironment): Pick<CommonTables, 'plan' | 'code'> {
  const given = environment.state.context.commonTable?.(table, environment) ?? null;
  if (given !== null && given.rows !== null) return { plan: nameColumns(given.rows, table) };
  if (given !== null) {
    return { plan: `WITH query "${foldIdentifier(table.name)}" does not have a RETURNING clause`, code: SqlState.featureNotSupported };
  }
  const { query } = table;
  if (query.kind === 'query') {
    return {
      plan: clause.recursive ? bindRecursive({ ...table, query }, environment, bindBody) : nameColumns(bindQueryPlan(query, environment), table),
    };
  }
  const hint = 'Write WITH in front of the whole statement, which is a SELECT, INSERT, UPDATE, DELETE or MERGE.';
  throw notSupported('WITH clause containing a data-modifying statement must be at the top level', query.span, hint);
}

function bindLimit(query: Query, environment: QueryEnvironment): LimitClause {
  if (query.withTies && query.orderBy.length === 0) throw syntaxError('WITH TIES cannot be specified without ORDER BY clause', query.span);
  return {
    limit: query.limit === null ? null : bindCount(query.limit, 'LIMIT', environment),
    offset: query.offset === null ? null : bindCount(query.offset, 'OFFSET', environment),
    withTies: query.withTies,
  };
}

/** A row count: a bigint that reads no column. */
function bindCount(node: AstExpression, clause: string, environment: QueryEnvironment): Expression {
  const columns = node.kind === 'column-reference';
  if (columns) {
    throw new SqlError({
      code: SqlState.invalidColumnReference,
      message: `argument of ${clause} must not contain variables`,
      position: node.span.start,
    });
  }
  const bound = bind(node, plainScope(environment, emptyRow, clause));
  const count = coerce(bound, int8Type, 'implicit', environment.state) ?? coerce(bound, int8Type, 'assignment', environment.state);
  if (count === null) throw datatypeMismatch(`argument of ${clause} must be type bigint, not type ${typeText(bound.type)}`, node.span);
  visitExpression(count, (part) => {
    if (part.kind !== 'outer-column') return;
    throw new SqlError({
      code: SqlState.invalidColumnReference,
      message: `argument of ${clause} must not contain variables`,
      position: node.span.start,
    });
  });
  return count;
}

/** ORDER BY of a set operation or VALUES: output names and positions; VALUES also takes expressions over its columns. */
function bindOutputOrder(
  items: readonly OrderByItem[],
  plan: LogicalPlan,
  body: SetOperation | ValuesBody | Query,
  environment: QueryEnvironment,
): SortKey[] {
  const row = { relations: [], columns: fieldColumns(plan.fields), width: plan.fields.length };
  return items.map((item) => {
    const node = item.expression;
    const position = outputPosition(node, plan, body, environment);
    const bound = position === null ? bind(node, plainScope(environment, row, 'ORDER BY')) : columnOf(position, plan.fields[position]!);
    return sortKey(item, { ...bound, span: node.span }, environment.state);
  });
}

function outputPosition(
  node: AstExpression,
  plan: LogicalPlan,
  body: SetOperation | ValuesBody | Query,
  environment: QueryEnvironment,
): number | null {
  if (node.kind === 'number-literal' && /^\d+$/.test(node.text)) {
    const position = Number(node.text) - 1;
    if (plan.fields[position] !== undefined) return position;
    throw new SqlError({
      code: SqlState.invalidColumnReference,
      message: `ORDER BY position ${node.text} is not in select list`,
      position: node.span.start,
    });
  }
  if (body.kind !== 'set-operation') return null;
  const name = node.kind === 'column-reference' && node.name.length === 1 ? foldIdentifier(node.name[0]!) : null;
  if (name !== null) {
    const position = plan.fields.findIndex((field) => field.name === name);
    if (position >= 0) return position;
    const row = { relations: [], columns: fieldColumns(plan.fields), width: plan.fields.length };
    bind(node, plainScope(environment, row, 'ORDER BY'));
  }
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: 'invalid UNION/INTERSECT/EXCEPT ORDER BY clause',
    detail: 'Only result column names can be used, not expressions or functions.',
    hint: 'Add the expression/function to every SELECT, or move the UNION into a FROM clause.',
    position: node.span.start,
  });
}
