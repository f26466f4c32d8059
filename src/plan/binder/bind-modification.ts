import type { Relation } from '../../catalog/index.ts';
import type { DeleteStatement, InsertStatement, Span, UpdateStatement } from '../../sql/index.ts';
import type { LogicalPlan } from '../logical/index.ts';
import { withMessageTime } from './arrival-columns.ts';
import { bindAssignments } from './bind-assignments.ts';
import { type BoundConflict, bindConflict } from './bind-conflict.ts';
import { crossJoinAll } from './bind-from.ts';
import { bindInsertRows } from './bind-insert-rows.ts';
import { toBoolean } from './bind-predicate.ts';
import { type BindContext, bind, plainScope, type QueryEnvironment } from './bind-state.ts';
import {
  aliasName,
  asWholeStatement,
  type BoundModification,
  type BoundRowRules,
  type BoundStatement,
  behindWith,
  finishModification,
  rowRules,
  targetRow,
} from './modification-parts.ts';
import { targetRelation } from './modification-target.ts';
import { type BoundFrom, columnOf, shiftRow } from './row-scope.ts';

/** `plan` yields whole rows of the relation, every column in order, defaults and computed columns included. */
export interface BoundInsert extends BoundModification, BoundRowRules, BoundStatement {
  readonly plan: LogicalPlan;
  readonly conflict: BoundConflict | null;
}

/**
 * `plan` yields, with n the relation's column count: the old row (n), the new row (n), then the columns of FROM. An old row that
 * matches several rows of FROM appears several times; the first counts.
 */
interface BoundUpdate extends BoundModification, BoundRowRules, BoundStatement {
  readonly plan: LogicalPlan;
}

/** `plan` yields the old row, then the columns of USING. */
interface BoundDelete extends BoundModification, BoundStatement {
  readonly plan: LogicalPlan;
}

export function bindInsert(statement: InsertStatement, context: BindContext): BoundInsert {
  return asWholeStatement(context, (environment) => bindInsertIn(statement, environment));
}

export function bindInsertIn(statement: InsertStatement, outside: QueryEnvironment): Omit<BoundInsert, keyof BoundStatement> {
  const environment = behindWith(statement.with, outside);
  const relation = withMessageTime(targetRelation(statement.table, 'insert into', environment), statement.columns, environment);
  const plan = bindInsertRows(statement, relation, environment);
  const target = targetRow(relation, aliasName(statement.alias));
  return {
    plan,
    ...rowRules(relation, environment),
    conflict: statement.onConflict === null ? null : bindConflict(statement.onConflict, relation, target, environment),
    ...finishModification(relation, { items: statement.returning, row: target }, environment),
  };
}

export function bindUpdate(statement: UpdateStatement, context: BindContext): BoundUpdate {
  return asWholeStatement(context, (environment) => bindUpdateIn(statement, environment));
}

export function bindUpdateIn(statement: UpdateStatement, outside: QueryEnvironment): Omit<BoundUpdate, keyof BoundStatement> {
  const environment = behindWith(statement.with, outside);
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
    ...finishModification(relation, { items: statement.returning, row: shiftRow(source.row, width) }, environment),
  };
}

export function bindDelete(statement: DeleteStatement, context: BindContext): BoundDelete {
  return asWholeStatement(context, (environment) => bindDeleteIn(statement, environment));
}

export function bindDeleteIn(statement: DeleteStatement, outside: QueryEnvironment): Omit<BoundDelete, keyof BoundStatement> {
  const environment = behindWith(statement.with, outside);
  const relation = targetRelation(statement.table, 'delete from', environment);
  const source = sourceRows(relation, { alias: statement.alias, others: statement.using, where: statement.where, span: statement.span }, environment);
  return { plan: source.plan, ...finishModification(relation, { items: statement.returning, row: source.row }, environment) };
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
