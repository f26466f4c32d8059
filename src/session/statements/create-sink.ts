import { SqlError, SqlState } from '../../base/index.ts';
import { type PhysicalPlan, planWarnings } from '../../plan/index.ts';
import { type CreateSink, parseStatement, printStatement, type Query, quoteRelation } from '../../sql/index.ts';
import { columnNamed } from '../ddl/build-columns.ts';
import { createOrReplace } from '../ddl/create-or-replace.ts';
import { newObjectName, requireRelation } from '../ddl/object-name.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import { resolveOptions } from '../ddl/resolve-options.ts';
import { ON_ROW_ERROR, sinkPlan } from '../engine/index.ts';
import { binderOf } from '../statement-binding.ts';
import { cancellable, type StatementContext, type StatementHandler } from '../statement-context.ts';
import { alreadyThere } from './create-relation.ts';
import { viewColumns } from './create-view.ts';
import { withDeclaredHints } from './declared-hints.ts';

/** CREATE SINK … FROM relation | AS query: a continuous job that writes out. */
export const createSink: StatementHandler<'create-sink'> = {
  kind: 'create-sink',
  async execute(statement, context) {
    const named = newObjectName(statement.name, context);
    if (!alreadyThere(named, { statement, context })) {
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
  if (statement.into !== null)
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: 'CREATE SINK … INTO a table is not supported yet',
      hint: 'CREATE MATERIALIZED VIEW keeps the rows of the query current; INSERT INTO … SELECT stores what there is now.',
      position: statement.into.span.start,
    });
  const { options } = resolveOptions(statement.options, statement.format, context.engine.registries);
  const keyText = options.get('primary_key');
  const query = sinkQuery(statement, context);
  const position = (statement.options[0] ?? statement.name).span.start;
  return sinkDraftOf({ named, options, query, key: keyText ?? null, statement: printStatement(statement), position }, context);
}

/** What goes out, where. */
export interface SinkDefinition {
  readonly named: { readonly schema: string; readonly name: string };
  /** Canonical names, checked. */
  readonly options: ReadonlyMap<string, string>;
  readonly query: Query;
  /** Names of the query's columns, separated by commas, or their positions; null: no key. */
  readonly key: string | readonly number[] | null;
  readonly statement: string;
  /** Where errors point. */
  readonly position: number;
}

/** Checks a sink whole: query, key, whether the connector takes what the query does, and that the other side is there. */
export async function sinkDraftOf(definition: SinkDefinition, context: StatementContext): Promise<RelationDraft> {
  const { engine, definer } = context;
  const { position } = definition;
  const query = withDeclaredHints(definition.query, context);
  const connector = engine.registries.connectors.get(definition.options.get('connector')!)!;
  const { sink } = connector;
  if (sink === null) throw new SqlError({ code: SqlState.wrongObjectType, message: `connector "${connector.name}" cannot be written`, position });
  const bound = binderOf(context).continuousQuery(query);
  const columns = viewColumns(bound, []);
  const replaced = definer.snapshot.relation(definition.named.schema, definition.named.name)?.options ?? null;
  const written = sink.settle?.(definition.options, { random: engine.parts.random, replaced }) ?? definition.options;
  const options = sink.needsFormat && !written.has('format') ? new Map([...written, ['format', 'json']]) : written;
  const onRowError = context.session.settings.get(ON_ROW_ERROR);
  const kept = onRowError === 'fail' ? new Map([...options, [ON_ROW_ERROR, onRowError]]) : options;
  const key =
    typeof definition.key === 'string' ? definition.key.split(/[,;]/).map((name) => columnNamed(name.trim(), columns, position)) : definition.key;
  if (key === null && connector.changesByKey === true) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: `connector "${connector.name}" needs a key`,
      hint: "Name the key columns with primary_key = '…'.",
      position,
    });
  }
  const plan = sinkPlan(bound, { options, key }, engine.parts);
  for (const warning of planWarnings(plan)) context.notice({ severity: 'WARNING', code: SqlState.warning, ...warning });
  await checkTarget(options, { columns: plan.columns, key }, context);
  return {
    ...definition.named,
    kind: 'sink',
    columns,
    primaryKey: key,
    uniqueKeys: [],
    watermark: null,
    options: kept,
    appendOnly: true,
    query: printStatement(query),
    statement: definition.statement,
    dependsOn: bound.reads,
    comment: null,
  };
}

/** Whether the other side takes what the sink writes. Errors: those of the connector. */
export async function checkTarget(
  options: ReadonlyMap<string, string>,
  rows: { readonly columns: PhysicalPlan['columns']; readonly key: readonly number[] | null },
  { engine, session }: StatementContext,
): Promise<void> {
  if (session.settings.get('connector_validation') !== 'on' || engine.parts.offline) return;
  const here = engine.parts.bindConnector(options);
  await engine.registries.connectors.get(here.get('connector')!)!.sink!.check(here, { ...rows, clock: engine.clock, logger: engine.logger });
}

/** FROM relation is SELECT * FROM relation. */
function sinkQuery(statement: CreateSink, context: StatementContext): Query {
  if (statement.source.kind === 'query') return statement.source;
  return parseStatement(`SELECT * FROM ${quoteRelation(requireRelation(statement.source, context))}`) as Query;
}
