import { SqlError, SqlState } from '../../base/index.ts';
import type { CreateSource, CreateStream, CreateTable, Statement } from '../../sql/index.ts';
import type { CommandResult } from '../contract.ts';
import { alreadyThere, createOrReplace } from '../ddl/create-or-replace.ts';
import { createRelationDraft } from '../ddl/create-relation.ts';
import { expandLike } from '../ddl/expand-like.ts';
import { fromKsqldb } from '../ddl/ksqldb-spelling.ts';
import { placeOfNew } from '../ddl/object-name.ts';
import { binderOf } from '../statement-binding.ts';
import { cancellable, type StatementContext, type StatementHandler } from '../statement-context.ts';
import { fillFromQuery, relationOfQuery, replaceTableByQuery, withInheritedOptions } from './create-table-as.ts';
import { executeStatement } from './dispatch.ts';
import { keyedByPartition } from './partitioned-stream.ts';
import { refuseInBlock } from './refuse-in-block.ts';

/** CREATE STREAM, CREATE SOURCE (the same), CREATE TABLE. */
export const createStream: StatementHandler<'create-stream'> = {
  kind: 'create-stream',
  execute: (statement, context) => (statement.query === null ? create(statement, context, 'CREATE STREAM') : streamOfQuery(statement, context)),
};
export const createSource: StatementHandler<'create-source'> = {
  kind: 'create-source',
  execute: (statement, context) => create(statement, context, 'CREATE SOURCE'),
};
export const createTable: StatementHandler<'create-table'> = {
  kind: 'create-table',
  async execute(statement, context) {
    const full = expandLike(statement, context);
    if (full.query === null) return create(full, context, 'CREATE TABLE');
    if (isKsqldbTable(full, context)) return viewOfQuery(full, context, 'CREATE TABLE');
    const named = await placeOfNew(full, context);
    const old = context.definer.snapshot.relation(named.schema, named.name);
    if (full.orReplace && old?.kind === 'table') return replaceTableByQuery(full, old, context);
    if (alreadyThere(named, { statement: full, context })) return { kind: 'command', tag: 'CREATE TABLE AS' };
    await create(relationOfQuery(full, context), context, 'CREATE TABLE');
    return fillFromQuery(full, context);
  },
};

/** ksqlDB's CREATE TABLE … AS goes on: what other dialects call a materialized view. */
function isKsqldbTable(statement: CreateTable, { session }: StatementContext): boolean {
  return session.settings.get('sql_dialect') === 'ksqldb' || statement.query?.emit?.mode === 'changes';
}

/** CREATE STREAM … AS: over a topic, the stream and a job that writes into it; without one a materialized view. */
async function streamOfQuery(statement: CreateStream, context: StatementContext): Promise<CommandResult> {
  if (statement.options.length === 0) return viewOfQuery(statement, context, 'CREATE STREAM');
  refuseInBlock(context, 'CREATE STREAM AS');
  const tag: CommandResult = { kind: 'command', tag: 'CREATE STREAM' };
  if (alreadyThere(await placeOfNew(statement, context), { statement, context })) return tag;
  const full = withInheritedOptions(statement, context);
  await create(keyedByPartition(relationOfQuery(full, context), full.query!), context, 'CREATE STREAM');
  await fillFromQuery(full, context);
  return tag;
}

async function viewOfQuery(statement: CreateStream | CreateTable, context: StatementContext, tag: string): Promise<CommandResult> {
  const { orReplace, ifNotExists, name, comment, query, span } = statement;
  refuseTemporary(statement);
  const emit = query!.emit?.mode === 'changes' ? null : query!.emit;
  const view: Statement = {
    kind: 'create-materialized-view',
    orReplace,
    ifNotExists,
    name,
    columns: [],
    comment,
    options: [],
    query: { ...query!, emit },
    withData: true,
    span,
  };
  await executeStatement({ ...context, parsed: { ...context.parsed, statement: view } });
  return { kind: 'command', tag };
}

/** Its job goes on whoever is there. */
function refuseTemporary({ temporary }: CreateStream | CreateTable): void {
  if (temporary === null) return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: 'a materialized view cannot be temporary',
    hint: 'Leave TEMPORARY out, and DROP it when it is not needed any more; a query by a name is CREATE TEMPORARY VIEW.',
    position: temporary.span.start,
  });
}

async function create(statement: CreateStream | CreateSource | CreateTable, context: StatementContext, tag: string): Promise<CommandResult> {
  const named = await placeOfNew(statement, context);
  if (alreadyThere(named, { statement, context })) return { kind: 'command', tag };
  checkOnCommit(statement);
  warnOfPlacement(statement, context);
  const definition = fromKsqldb({ ...statement, orReplace: false });
  const { engine, definer } = context;
  const draft = await cancellable(
    createRelationDraft(definition, named, { engine, binder: binderOf(context), snapshot: definer.snapshot }),
    context.signal,
  );
  await cancellable(createOrReplace(draft, { statement, context }), context.signal);
  if (statement.onCommit?.action === 'drop') context.session.transaction?.droppedAtCommit.push(named);
  return { kind: 'command', tag };
}

/** Errors: 42P16 for what is not temporary, 0A000. */
function checkOnCommit({ onCommit, temporary }: CreateStream | CreateSource | CreateTable): void {
  if (onCommit === null) return;
  const position = onCommit.span.start;
  if (temporary === null || temporary.unlogged)
    throw new SqlError({ code: SqlState.invalidTableDefinition, message: 'ON COMMIT can only be used on temporary tables', position });
  if (onCommit.action === 'delete rows') {
    const hint = 'ON COMMIT DROP takes the table along; TRUNCATE empties it.';
    throw new SqlError({ code: SqlState.featureNotSupported, message: 'ON COMMIT DELETE ROWS is not supported', hint, position });
  }
}

/** Where rows lie is not for the statement to say: the topic has its partitions, and stored rows are spread by their key. */
function warnOfPlacement(statement: CreateStream | CreateSource | CreateTable, context: StatementContext): void {
  const ignored = [statement.distribution === null ? [] : ['DISTRIBUTED BY'], statement.partitionedBy.length === 0 ? [] : ['PARTITIONED BY']].flat();
  for (const clause of ignored) context.notice({ severity: 'WARNING', code: SqlState.warning, message: `${clause} has no effect` });
}
