import type { Relation } from '../../catalog/index.ts';
import type { Expression } from '../../expr/index.ts';
import type { Expression as AstExpression, InsertStatement, Query, ValuesBody } from '../../sql/index.ts';
import type { LogicalPlan } from '../logical/index.ts';
import { bindOpenQuery } from './bind-query.ts';
import { bind, plainScope, type QueryEnvironment } from './bind-state.ts';
import { syntaxError } from './binder-error.ts';
import { changeOutputs } from './cast-outputs.ts';
import { computedColumns } from './computed-columns.ts';
import { isOverridden } from './identity-values.ts';
import { insertTargets } from './insert-targets.ts';
import { assignToColumn, defaultValue, insertedValue, requireWritable } from './modification-target.ts';
import { columnOf, emptyRow } from './row-scope.ts';

/** The rows an INSERT adds: every column of the relation in order, converted, with defaults and computed columns. */
export function bindInsertRows(statement: InsertStatement, relation: Relation, environment: QueryEnvironment): LogicalPlan {
  const targets = insertTargets(statement.columns, relation);
  const rows =
    statement.query === null ? defaultRow(relation, environment) : sourceRows(statement.query, targets, { statement, relation, environment });
  return withComputedColumns(rows, relation, environment);
}

interface InsertPlace {
  readonly statement: InsertStatement;
  readonly relation: Relation;
  readonly environment: QueryEnvironment;
}

function fieldsOf(relation: Relation) {
  return relation.columns.map((column) => ({ name: column.name, type: column.type }));
}

function defaultRow(relation: Relation, environment: QueryEnvironment): LogicalPlan {
  const row = relation.columns.map((_, index) => defaultValue(relation, index, environment));
  return { kind: 'values', rows: [row], fields: fieldsOf(relation) };
}

function sourceRows(query: Query, targets: readonly number[], place: InsertPlace): LogicalPlan {
  const plain = query.with === null && query.orderBy.length === 0 && query.limit === null && query.offset === null;
  if (plain && query.body.kind === 'values') return writtenRows(query.body, targets, place);
  const { relation, environment, statement } = place;
  const source = bindOpenQuery(query, environment);
  checkCount(source.fields.length, targets, place, query);
  const used = targets.slice(0, source.fields.length);
  const { overriding } = statement;
  const ignored = used.map((target) => isOverridden(relation, target, overriding));
  used.forEach((target, index) => {
    if (!ignored[index]) requireWritable(relation, target, statement.span, { verb: 'insert', overriding });
  });
  const converted = changeOutputs(source, (column, index) => assignToColumn(column, relation, used[index]!, environment));
  const expressions = relation.columns.map((_, index): Expression => {
    const position = used.indexOf(index);
    return position < 0 || ignored[position] ? defaultValue(relation, index, environment) : columnOf(position, converted.fields[position]!);
  });
  return { kind: 'project', input: converted, expressions, fields: fieldsOf(relation) };
}

/** VALUES of an INSERT: each value is converted to its column by itself, and may be DEFAULT. */
function writtenRows(body: ValuesBody, targets: readonly number[], place: InsertPlace): LogicalPlan {
  const { relation, environment } = place;
  const scope = plainScope(environment, emptyRow, 'VALUES');
  const rows = body.rows.map((row) => {
    if (row.length !== body.rows[0]!.length) throw syntaxError('VALUES lists must all be the same length', body.span);
    checkCount(row.length, targets, place, row[targets.length] ?? body);
    return relation.columns.map((_, index): Expression => {
      const position = targets.indexOf(index);
      const node: AstExpression | undefined = position < 0 ? undefined : row[position];
      if (node === undefined || node.kind === 'default-value') return defaultValue(relation, index, environment);
      return insertedValue({ ...bind(node, scope), span: node.span }, relation, index, { overriding: place.statement.overriding, environment });
    });
  });
  return { kind: 'values', rows, fields: fieldsOf(relation) };
}

/** Without a column list, missing values at the end take their defaults. */
function checkCount(
  count: number,
  targets: readonly number[],
  place: InsertPlace,
  at: { readonly span: { readonly start: number; readonly end: number } },
): void {
  if (count > targets.length) throw syntaxError('INSERT has more expressions than target columns', at.span);
  if (count < targets.length && place.statement.columns.length > 0) {
    throw syntaxError('INSERT has more target columns than expressions', place.statement.columns[count]!.span);
  }
}

function withComputedColumns(rows: LogicalPlan, relation: Relation, environment: QueryEnvironment): LogicalPlan {
  const computed = computedColumns(relation, environment.state);
  if (computed.every((expression) => expression === null)) return rows;
  const expressions = computed.map((expression, index) => expression ?? columnOf(index, rows.fields[index]!));
  return { kind: 'project', input: rows, expressions, fields: rows.fields };
}
