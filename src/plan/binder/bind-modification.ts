import type { Relation } from '../../catalog/index.ts';
import type { Expression } from '../../expr/index.ts';
import {
  type DeleteStatement,
  foldIdentifier,
  type Identifier,
  type InsertStatement,
  type SelectItem,
  type Span,
  type UpdateStatement,
  type WithClause,
} from '../../sql/index.ts';
import type { SqlType } from '../../types/index.ts';
import type { Field, LogicalPlan } from '../logical/index.ts';
import { bindAssignments } from './bind-assignments.ts';
import type { BoundConflict } from './bind-conflict.ts';
import { bindConflict } from './bind-conflict.ts';
import { crossJoinAll } from './bind-from.ts';
import { bindInsertRows } from './bind-insert-rows.ts';
import { toBoolean } from './bind-predicate.ts';
import { bindWith } from './bind-query.ts';
import { bindSelectItems } from './bind-select-items.ts';
import { type BindContext, bind, plainScope, type QueryEnvironment } from './bind-state.ts';
import { createBindState, settleParameters, topEnvironment } from './bind-statement.ts';
import { resolveUnknown } from './coercion.ts';
import { targetRelation } from './modification-target.ts';
import { type BoundCheck, rowChecks } from './row-checks.ts';
import { type BoundFrom, columnOf, type RowScope, shiftRow } from './row-scope.ts';

/** RETURNING: expressions over the rows of the modification's plan (INSERT: over the stored row). */
export interface BoundReturning {
  readonly fields: readonly Field[];
  readonly expressions: readonly Expression[];
}

interface BoundModification {
  readonly relation: Relation;
  readonly returning: BoundReturning | null;
  readonly parameterTypes: readonly SqlType[];
  readonly volatileFunctions: readonly string[];
}

/** What a row has to be to be stored; the writer raises the error, for it can name the row. */
export interface BoundRowRules {
  readonly relation: Relation;
  /** Columns that refuse NULL (23502). */
  readonly notNull: readonly number[];
  /** 23514 where one is false. */
  readonly checks: readonly BoundCheck[];
}

/** `plan` yields whole rows of the relation, every column in order, defaults and computed columns included. */
export interface BoundInsert extends BoundModification, BoundRowRules {
  readonly plan: LogicalPlan;
  readonly conflict: BoundConflict | null;
}

/**
 * `plan` yields, with n the relation's column count: the old row (n), the new row (n), then the columns of FROM. An old row that
 * matches several rows of FROM appears several times; the first counts.
 */
interface BoundUpdate extends BoundModification, BoundRowRules {
  readonly plan: LogicalPlan;
}

/** `plan` yields the old row, then the columns of USING. */
interface BoundDelete extends BoundModification {
  readonly plan: LogicalPlan;
}

export function bindInsert(statement: InsertStatement, context: BindContext): BoundInsert {
  const environment = start(statement.with, context);
  const relation = targetRelation(statement.table, 'insert into', environment);
  const plan = bindInsertRows(statement, relation, environment);
  const target = targetRow(relation, aliasName(statement.alias));
  return {
    plan,
    ...rowRules(relation, environment),
    conflict: statement.onConflict === null ? null : bindConflict(statement.onConflict, relation, target, environment),
    ...finish(relation, { items: statement.returning, row: target }, environment),
  };
}

export function bindUpdate(statement: UpdateStatement, context: BindContext): BoundUpdate {
  const environment = start(statement.with, context);
  const relation = targetRelation(statement.table, 'update', environment);
  const source = sourceRows(relation, { alias: statement.alias, others: statement.from, where: statement.where, span: statement.span }, environment);
  const width = relation.columns.length;
  const values = bindAssignments(statement.assignments, relation, source.row, environment);
  const old = source.plan.fields.map((field, index) => columnOf(index, field));
  const newFields = relation.columns.map((column) => ({ name: column.name, type: column.type }));
  const plan: LogicalPlan = {
    kind: 'project',
    input: source.plan,
    expressions: [...old.slice(0, width), ...values, ...old.slice(width)],
    fields: [...source.plan.fields.slice(0, width), ...newFields, ...source.plan.fields.slice(width)],
  };
  return {
    plan,
    ...rowRules(relation, environment),
    ...finish(relation, { items: statement.returning, row: shiftRow(source.row, width) }, environment),
  };
}

export function bindDelete(statement: DeleteStatement, context: BindContext): BoundDelete {
  const environment = start(statement.with, context);
  const relation = targetRelation(statement.table, 'delete from', environment);
  const source = sourceRows(relation, { alias: statement.alias, others: statement.using, where: statement.where, span: statement.span }, environment);
  return { plan: source.plan, ...finish(relation, { items: statement.returning, row: source.row }, environment) };
}

function start(clause: WithClause | null, context: BindContext): QueryEnvironment {
  const environment = topEnvironment(createBindState(context));
  return clause === null ? environment : bindWith(clause, environment);
}

function aliasName(alias: Identifier | null): string | null {
  return alias === null ? null : foldIdentifier(alias);
}

function rowRules(relation: Relation, { state }: QueryEnvironment): Pick<BoundRowRules, 'notNull' | 'checks'> {
  return { notNull: relation.columns.flatMap((column, index) => (column.nullable ? [] : [index])), checks: rowChecks(relation, state) };
}

function targetRow(relation: Relation, alias: string | null): RowScope {
  const columns = relation.columns.map((column, index) => ({ name: column.name, expression: columnOf(index, column) }));
  return {
    relations: [
      {
        alias: alias ?? relation.name,
        name: relation.name,
        schema: alias === null ? relation.schema : null,
        columns,
        scalar: false,
        primaryKey: relation.primaryKey,
      },
    ],
    columns,
    width: columns.length,
  };
}

interface SourceParts {
  readonly alias: UpdateStatement['alias'];
  readonly others: UpdateStatement['from'];
  readonly where: UpdateStatement['where'];
  readonly span: Span;
}

/** The rows of the target with those of FROM or USING, filtered. */
function sourceRows(relation: Relation, parts: SourceParts, environment: QueryEnvironment): BoundFrom {
  const scan: LogicalPlan = {
    kind: 'scan',
    relation,
    variant: 'rows',
    paths: relation.columns.map((_, index) => [index]),
    fields: relation.columns.map((column) => ({ name: column.name, type: column.type })),
  };
  const joined = crossJoinAll({ plan: scan, row: targetRow(relation, aliasName(parts.alias)) }, parts.others, environment);
  if (parts.where === null) return joined;
  const predicate = toBoolean(bind(parts.where, plainScope(environment, joined.row, 'WHERE')), 'WHERE', environment.state);
  return { row: joined.row, plan: { kind: 'filter', input: joined.plan, predicate, fields: joined.plan.fields } };
}

interface ReturningClause {
  readonly items: readonly SelectItem[];
  readonly row: RowScope;
}

function finish(relation: Relation, clause: ReturningClause, environment: QueryEnvironment): BoundModification {
  const { state } = environment;
  const returning = clause.items.length === 0 ? null : bindReturning(clause.items, clause.row, environment);
  return { relation, returning, parameterTypes: settleParameters(state), volatileFunctions: [...state.volatileFunctions] };
}

function bindReturning(items: readonly SelectItem[], row: RowScope, environment: QueryEnvironment): BoundReturning {
  const bound = bindSelectItems(items, plainScope(environment, row, 'RETURNING'));
  const expressions = bound.map((item) => resolveUnknown(item.expression, environment.state));
  return { expressions, fields: bound.map((item, index) => ({ name: item.name, type: expressions[index]!.type })) };
}
