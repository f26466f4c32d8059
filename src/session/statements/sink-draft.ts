import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import { type PhysicalPlan, planWarnings, type RelationUse } from '../../plan/index.ts';
import { printStatement, type Query } from '../../sql/index.ts';
import { columnNamed } from '../ddl/build-columns.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import { ON_ROW_ERROR, sinkPlan } from '../engine/index.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext } from '../statement-context.ts';
import { viewColumns } from './create-view.ts';
import { withDeclaredHints } from './declared-hints.ts';
import { storedQuery } from './stored-query.ts';

/** What goes out, where. */
export interface SinkDefinition {
  readonly named: { readonly schema: string; readonly name: string };
  /** Canonical names, checked. */
  readonly options: ReadonlyMap<string, string>;
  readonly query: Query;
  /** Names of the query's columns, separated by commas, or their positions; null: no key. */
  readonly key: string | readonly number[] | null;
  /** A relation of the catalog that is written. */
  readonly target?: Relation;
  readonly statement: string;
  /** Where errors point. */
  readonly position: number;
  /** What an INSERT asks for where two rows have one key; absent: the newest takes the place of the other. */
  readonly conflict?: 'error' | 'nothing' | 'deduplicate';
}

/** Checks a sink whole: query, key, whether the connector takes what the query does, and that the other side is there. */
export async function sinkDraftOf(definition: SinkDefinition, context: StatementContext): Promise<RelationDraft> {
  const { engine, definer } = context;
  const { position } = definition;
  const query = withDeclaredHints(definition.query, context);
  const connector = engine.registries.connectors.get(definition.options.get('connector')!)!;
  const { sink } = connector;
  if (sink === null) throw new SqlError({ code: SqlState.wrongObjectType, message: `connector "${connector.name}" cannot be written`, position });
  const uses: RelationUse[] = [];
  const bound = binderOf(context, (use) => uses.push(use)).continuousQuery(query);
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
  refuseConflicts(plan, key, definition);
  for (const warning of planWarnings(plan)) context.notice({ severity: 'WARNING', code: SqlState.warning, ...warning });
  if (connector.internal !== true) await checkTarget(options, { columns: plan.columns, key }, context);
  return {
    ...definition.named,
    kind: 'sink',
    columns,
    primaryKey: key,
    uniqueKeys: [],
    watermark: null,
    options: kept,
    appendOnly: true,
    query: printStatement(storedQuery(query, uses, definition.target && [definition.target])),
    statement: definition.statement,
    dependsOn: bound.reads,
    comment: null,
  };
}

/**
 * Flink's ON CONFLICT is about rows of one key in the result. DO NOTHING and DO ERROR need a first one, which the rows of a multiset do not have, so there may be
 * no two; DO DEDUPLICATE is what is done anyway. Errors: 0A000.
 */
function refuseConflicts({ uniqueKeys, columns }: PhysicalPlan, key: readonly number[] | null, { conflict, position }: SinkDefinition): void {
  if (key === null || conflict === undefined || conflict === 'deduplicate') return;
  if (uniqueKeys.some((unique) => unique.every((column) => key.includes(column)))) return;
  const names = key.map((index) => columns[index]!.name).join(', ');
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `ON CONFLICT DO ${conflict.toUpperCase()} is not supported where several rows of the query may have one key (${names})`,
    hint: `Say which row a key has: QUALIFY row_number() OVER (PARTITION BY ${names} ORDER BY …) = 1. Without the clause it is the newest.`,
    position,
  });
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
