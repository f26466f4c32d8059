import { SqlError, SqlState } from '../../base/index.ts';
import { planWarnings } from '../../plan/index.ts';
import { type CreateSink, parseStatement, printStatement, type Query } from '../../sql/index.ts';
import { columnNamed } from '../ddl/build-columns.ts';
import { newObjectName, requireRelation } from '../ddl/object-name.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import { resolveOptions } from '../ddl/resolve-options.ts';
import { ON_ROW_ERROR, sinkPlan } from '../engine/index.ts';
import { binderOf } from '../statement-binding.ts';
import { cancellable, type StatementContext, type StatementHandler } from '../statement-context.ts';
import { alreadyThere, refuseInBlock } from './create-relation.ts';
import { viewColumns } from './create-view.ts';

/** CREATE SINK … FROM relation | AS query: a continuous job that writes out. */
export const createSink: StatementHandler<'create-sink'> = {
  kind: 'create-sink',
  async execute(statement, context) {
    refuseInBlock(context, 'CREATE SINK');
    const named = newObjectName(statement.name, context);
    if (!alreadyThere(named, { statement, context })) {
      const draft = await cancellable(sinkDraft(statement, named, context), context.signal);
      await cancellable(context.engine.create(draft), context.signal);
    }
    return { kind: 'command', tag: 'CREATE SINK' };
  },
};

/** Checks the sink whole: options, query, key, whether the sink takes what the query does, and that the other side is there. */
export async function sinkDraft(
  statement: CreateSink,
  named: { readonly schema: string; readonly name: string },
  context: StatementContext,
): Promise<RelationDraft> {
  if (statement.into !== null)
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: 'CREATE SINK … INTO a table is not supported yet',
      position: statement.into.span.start,
    });
  const { engine } = context;
  const resolved = resolveOptions(statement.options, statement.format, engine.registries);
  const { sink } = resolved.connector;
  if (sink === null)
    throw new SqlError({
      code: SqlState.wrongObjectType,
      message: `connector "${resolved.connector.name}" cannot be written`,
      position: statement.options[0]?.span.start,
    });
  const query = sinkQuery(statement, context);
  const bound = binderOf(context).continuousQuery(query);
  const columns = viewColumns(bound, []);
  const options = sink.needsFormat && resolved.format === null ? new Map([...resolved.options, ['format', 'json']]) : resolved.options;
  const onRowError = context.session.settings.get(ON_ROW_ERROR);
  const kept = onRowError === 'fail' ? new Map([...options, [ON_ROW_ERROR, onRowError]]) : options;
  const keyText = options.get('primary_key') ?? options.get('key.fields');
  const key = keyText === undefined ? null : keyText.split(/[,;]/).map((name) => columnNamed(name.trim(), columns, statement.name.span.start));
  if (key === null && resolved.connector.changesByKey === true) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: `connector "${resolved.connector.name}" needs a key`,
      hint: "Name the key columns with primary_key = '…'.",
      position: statement.options[0]?.span.start,
    });
  }
  const plan = sinkPlan(bound, { options, key }, engine.parts);
  for (const warning of planWarnings(plan)) context.notice({ severity: 'WARNING', code: SqlState.warning, ...warning });
  if (context.session.settings.get('connector_validation') === 'on' && !engine.parts.offline) {
    const bound = engine.parts.bindConnector(options);
    await engine.registries.connectors.get(bound.get('connector')!)!.sink!.check(bound, { clock: engine.clock, logger: engine.logger });
  }
  return {
    ...named,
    kind: 'sink',
    columns,
    primaryKey: key,
    uniqueKeys: [],
    watermark: null,
    options: kept,
    appendOnly: true,
    query: printStatement(query),
    statement: printStatement(statement),
    dependsOn: bound.reads,
    comment: null,
  };
}

/** FROM relation is SELECT * FROM relation. */
function sinkQuery(statement: CreateSink, context: StatementContext): Query {
  if (statement.source.kind === 'query') return statement.source;
  const { schema, name } = requireRelation(statement.source, context);
  const quoted = [schema, name].map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
  return parseStatement(`SELECT * FROM ${quoted}`) as Query;
}
