import { SqlError, SqlState } from '../../base/index.ts';
import { type CreateSink, parseStatement, printStatement, type QualifiedName, type Query, quoteRelation } from '../../sql/index.ts';
import { connectedOptions } from '../ddl/connected-options.ts';
import { alreadyThere, createOrReplace } from '../ddl/create-or-replace.ts';
import { newObjectName, requireRelation } from '../ddl/object-name.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import { resolveOptions } from '../ddl/resolve-options.ts';
import { cancellable, type StatementContext, type StatementHandler } from '../statement-context.ts';
import { type SinkDefinition, sinkDraftOf } from './sink-draft.ts';
import { tableSinkDraft, writesByKey } from './sink-into-table.ts';

/** CREATE SINK … FROM relation | AS query: a continuous job that writes out. */
export const createSink: StatementHandler<'create-sink'> = {
  kind: 'create-sink',
  async execute(statement, context) {
    const named = newObjectName(statement.name, context);
    if (!alreadyThere(named, { statement, context })) {
      if (statement.into !== null) await cancellable(context.engine.tableSinks.prepare(), context.signal);
      const draft = await cancellable(sinkDraft({ ...statement, orReplace: false }, named, context), context.signal);
      await cancellable(createOrReplace(draft, { statement, context }), context.signal);
    }
    return { kind: 'command', tag: 'CREATE SINK' };
  },
};

/** The relation of CREATE SINK. */
export async function sinkDraft(
  statement: CreateSink,
  named: { readonly schema: string; readonly name: string },
  context: StatementContext,
): Promise<RelationDraft> {
  if (statement.into !== null) return sinkIntoTable({ ...statement, into: statement.into }, named, context);
  const { options } = resolveOptions(connectedOptions(statement.options, context.definer.snapshot), statement.format, context.engine.registries);
  const keyText = options.get('primary_key');
  const query = sinkQuery(statement, context);
  const position = (statement.options[0] ?? statement.name).span.start;
  return sinkDraftOf({ named, options, query, key: keyText ?? null, statement: printStatement(statement), position }, context);
}

async function sinkIntoTable(
  statement: CreateSink & { readonly into: QualifiedName },
  named: SinkDefinition['named'],
  context: StatementContext,
): Promise<RelationDraft> {
  const { into, columns, span, options, format } = statement;
  const target = requireRelation(into, context);
  if (format !== null) throw new SqlError({ code: SqlState.syntaxError, message: 'a sink into a table has no format', position: format.span.start });
  const insert = { table: into, columns, span, query: sinkQuery(statement, context) };
  const byKey = writesByKey(options, target);
  return tableSinkDraft({ named, insert, target, byKey, statement: printStatement(statement) }, context);
}

/** FROM relation is SELECT * FROM relation. */
function sinkQuery(statement: CreateSink, context: StatementContext): Query {
  if (statement.source.kind === 'query') return statement.source;
  return parseStatement(`SELECT * FROM ${quoteRelation(requireRelation(statement.source, context))}`) as Query;
}
