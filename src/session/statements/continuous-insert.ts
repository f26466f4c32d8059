import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import type { BoundInsert } from '../../plan/index.ts';
import { type InsertStatement, parseStatement, printStatement, type Query } from '../../sql/index.ts';
import type { CommandResult } from '../contract.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import { cancellable, type StatementContext } from '../statement-context.ts';
import { refuseInBlock } from './create-relation.ts';
import { insertedRows } from './inserted-rows.ts';
import { type SinkDefinition, sinkDraftOf } from './sink-draft.ts';

/**
 * INSERT INTO a relation over a connector from a query over relations: a job that writes for as long as it is there, a sink, named after its target and
 * ended by DROP SINK.
 */
export async function continuousInsert(bound: BoundInsert, statement: InsertStatement, context: StatementContext): Promise<CommandResult> {
  refuseInBlock(context, 'INSERT into a connector');
  const draft = await cancellable(insertDraft(bound, statement, context), context.signal);
  const relation = await cancellable(context.definer.create(draft), context.signal);
  context.notice({
    severity: 'NOTICE',
    code: SqlState.successfulCompletion,
    message: `job "${relation.name}" has been started`,
    hint: `It writes until DROP SINK ${relation.name}.`,
  });
  return { kind: 'command', tag: 'INSERT 0 0' };
}

/** Errors: 0A000 for clauses that need the stored rows. */
export function refuseClauses({ relation }: BoundInsert, statement: InsertStatement): void {
  if (statement.returning.length > 0) throw unsupported('RETURNING', relation, statement);
  const { action } = statement.onConflict ?? { action: 'error' };
  if (action !== 'error') throw unsupported(`ON CONFLICT DO ${action.toUpperCase()}`, relation, statement);
}

/** The sink a continuous INSERT is. Errors: those of CREATE SINK, and of `refuseClauses`. */
export async function insertDraft(bound: BoundInsert, statement: InsertStatement, context: StatementContext): Promise<RelationDraft> {
  const { relation } = bound;
  refuseClauses(bound, statement);
  if (relation.primaryKey === null && relation.options!.get('primary_key') !== undefined)
    throw unsupported('INSERT … SELECT into a stream with key columns', relation, statement);
  if (bound.parameterTypes.length > 0) throw new SqlError({ code: SqlState.undefinedParameter, message: 'there is no parameter $1' });
  const written = relation.columns.flatMap((column, index) => (column.source.kind === 'physical' ? [index] : []));
  const definition: SinkDefinition = {
    named: { schema: relation.schema, name: freeName(relation, context) },
    options: relation.options!,
    query: insertedRows(
      { query: insertedQuery(statement), columns: statement.columns },
      { relation, nameOf: (column) => column.externalName },
      context,
    ),
    key: relation.primaryKey === null ? null : relation.primaryKey.map((index) => written.indexOf(index)),
    statement: printStatement(statement),
    position: statement.table.span.start,
  };
  const draft = await sinkDraftOf(definition, context);
  return { ...draft, dependsOn: [...draft.dependsOn, relation.oid] };
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
