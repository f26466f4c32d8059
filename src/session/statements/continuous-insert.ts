import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import { type BoundInsert, scansOf } from '../../plan/index.ts';
import { type InsertStatement, parseStatement, printStatement, type Query } from '../../sql/index.ts';
import type { CommandResult } from '../contract.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import { writtenColumns, writtenOptions } from '../ddl/written-columns.ts';
import { cancellable, type StatementContext } from '../statement-context.ts';
import { insertedRows } from './inserted-rows.ts';
import { refuseInBlock } from './refuse-in-block.ts';
import { type SinkDefinition, sinkDraftOf } from './sink-draft.ts';
import { tableSinkDraft } from './sink-into-table.ts';

/**
 * INSERT from a query over relations as a job that writes for as long as it is there: a sink, named after its target and ended by DROP SINK. Into a relation
 * over a connector it is always one.
 */
export async function continuousInsert(bound: BoundInsert, statement: InsertStatement, context: StatementContext): Promise<CommandResult> {
  refuseInBlock(context, bound.relation.options === null ? 'INSERT from a stream without end' : 'INSERT into a connector');
  const draft = await cancellable(insertDraft(bound, statement, context), context.signal);
  const relation = await cancellable(context.definer.create(draft, null, context.signal), context.signal);
  context.notice({
    severity: 'NOTICE',
    code: SqlState.successfulCompletion,
    message: `job "${relation.name}" has been started`,
    hint: `It writes until DROP SINK ${relation.name}.`,
  });
  return { kind: 'command', tag: 'INSERT 0 0' };
}

/**
 * Whether an INSERT is a job: in Flink and ksqlDB one from a stream without end, whatever it writes; elsewhere a stored table gets what there is now. A view's
 * rows count as stored where the view keeps them.
 */
export function isContinuous({ relation, plan }: BoundInsert, { engine, session }: StatementContext): boolean {
  const scans = scansOf(plan);
  if (relation.options !== null) return scans.length > 0;
  if (!['flink', 'ksqldb'].includes(session.settings.get('sql_dialect'))) return false;
  return scans.some(({ relation: { kind, options } }) => {
    const source = kind === 'stream' ? engine.registries.connectors.get(options?.get('connector') ?? '')?.source : null;
    return source != null && !source.bounded(options!);
  });
}

/** Errors: 0A000 for clauses that need the stored rows. */
export function refuseClauses({ relation }: BoundInsert, statement: InsertStatement): void {
  if (statement.returning.length > 0) throw unsupported('RETURNING', relation, statement);
  const { action } = statement.onConflict ?? { action: 'error' };
  if (action !== 'error') throw unsupported(`ON CONFLICT DO ${action.toUpperCase()}`, relation, statement);
}

/** What a job is to do where two rows of its result have one key. Errors: 0A000 for DO UPDATE, and for RETURNING. */
function conflictOf({ relation }: BoundInsert, { returning, onConflict, table }: InsertStatement): Pick<SinkDefinition, 'conflict'> {
  const refused = returning.length > 0 ? 'RETURNING' : onConflict?.action === 'update' ? 'ON CONFLICT DO UPDATE' : null;
  if (refused !== null) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `${refused} is not supported for an INSERT that is a job`,
      hint:
        relation.primaryKey === null ? 'The rows go out and are not looked at again.' : 'The newest row of a key takes the place of the one before.',
      position: table.span.start,
    });
  }
  return onConflict === null ? {} : { conflict: onConflict.action as NonNullable<SinkDefinition['conflict']> };
}

/** The sink a continuous INSERT is. Errors: those of CREATE SINK, and of `refuseClauses`. */
export async function insertDraft(bound: BoundInsert, statement: InsertStatement, context: StatementContext): Promise<RelationDraft> {
  const { relation } = bound;
  if (relation.options === null) return tableInsertDraft(bound, statement, context);
  if (relation.primaryKey === null) refuseClauses(bound, statement);
  const conflict = conflictOf(bound, statement);
  refuseParameters(bound);
  const written = writtenColumns(relation);
  const definition: SinkDefinition = {
    named: { schema: relation.schema, name: freeName(relation, context) },
    options: writtenOptions(relation),
    query: insertedRows(
      { query: insertedQuery(statement), columns: statement.columns },
      { relation, nameOf: (column) => column.externalName },
      context,
    ),
    target: relation,
    key: relation.primaryKey === null ? null : relation.primaryKey.map((index) => written.indexOf(index)),
    statement: printStatement(statement),
    position: statement.table.span.start,
    ...conflict,
  };
  const draft = await sinkDraftOf(definition, context);
  return { ...draft, dependsOn: [...draft.dependsOn, relation.oid] };
}

/** Into a table that is stored here: its rows are replaced by its key. */
async function tableInsertDraft(bound: BoundInsert, statement: InsertStatement, context: StatementContext): Promise<RelationDraft> {
  const { relation } = bound;
  const conflict = conflictOf(bound, statement);
  refuseParameters(bound);
  await context.engine.tableSinks.prepare();
  const { table, columns, span } = statement;
  const named = { schema: relation.schema, name: freeName(relation, context) };
  const insert = { table, columns, span, query: insertedQuery(statement) };
  const byKey = relation.primaryKey !== null;
  return tableSinkDraft({ named, insert, target: relation, byKey, statement: printStatement(statement), ...conflict }, context);
}

function refuseParameters({ parameterTypes }: BoundInsert): void {
  if (parameterTypes.length > 0) throw new SqlError({ code: SqlState.undefinedParameter, message: 'there is no parameter $1' });
}

function unsupported(what: string, relation: Relation, statement: InsertStatement): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: `${what} is not supported for "${relation.name}", which belongs to connector "${relation.options!.get('connector')}"`,
    hint: 'The rows go out and are not looked at again.',
    position: statement.table.span.start,
  });
}

function freeName(relation: Relation, { engine }: StatementContext): string {
  const base = `insert_into_${relation.name}`;
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}_${number}`;
    if (engine.snapshot.relation(relation.schema, name) === null) return name;
  }
}

/** Without a query: one row of defaults. */
function insertedQuery({ query, with: before }: InsertStatement): Query {
  const written = query ?? (parseStatement('SELECT') as Query);
  return { ...written, with: written.with ?? before };
}
