import { SqlError, SqlState } from '../../base/index.ts';
import type { CatalogSnapshot, StartSplit } from '../../catalog/index.ts';
import { SCAN_PARTITION, scanPartitioning } from '../../plan/index.ts';
import type { CreateSource, CreateStream, CreateTable } from '../../sql/index.ts';
import { printStatement } from '../../sql/index.ts';
import type { Engine, StatementBinder } from '../engine/index.ts';
import { buildColumns } from './build-columns.ts';
import { buildConstraints } from './build-constraints.ts';
import { buildWatermark } from './build-watermark.ts';
import { connectedOptions } from './connected-options.ts';
import { connectorRelationKind } from './connector-relation.ts';
import type { RelationDraft } from './relation-draft.ts';
import { embeddedOptions, optionMs } from './relation-options.ts';
import { checkOptions, type ResolvedOptions, resolveOptions } from './resolve-options.ts';

type CreateRelationStatement = CreateStream | CreateTable | CreateSource;

/** From the statement to a relation: columns, key, watermark, options, and the splits as they are now, tried out on the other side. */
export async function createRelationDraft(
  statement: CreateRelationStatement,
  named: { readonly schema: string; readonly name: string },
  context: { readonly engine: Engine; readonly binder: StatementBinder; readonly snapshot: CatalogSnapshot },
): Promise<RelationDraft> {
  refuseUnsupported(statement);
  const embedded = resolveEmbeddedOptions(statement);
  const resolved =
    embedded !== null ? null : resolveOptions(connectedOptions(statement.options, context.snapshot), statement.format, context.engine.registries);
  if (isWriteOnly(resolved) && statement.kind !== 'create-table') {
    throw new SqlError({
      code: SqlState.wrongObjectType,
      message: `connector "${resolved!.connector.name}" cannot be read`,
      hint: 'It is for CREATE SINK, or CREATE TABLE with INSERT INTO.',
      position: statement.options[0]?.span.start,
    });
  }
  if (resolved?.connector.source?.needsFormat && resolved.format === null) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: `connector "${resolved.connector.name}" needs a format`,
      hint: "Add format = 'json'.",
      position: statement.options[0]?.span.start,
    });
  }
  const { columns, primaryKey } = buildColumns(statement.elements, statement.includes, {
    table: named.name,
    binder: context.binder,
    connector: resolved?.connector ?? null,
    stored: embedded !== null && statement.kind === 'create-table',
  });
  if (columns.length === 0)
    throw new SqlError({ code: SqlState.invalidTableDefinition, message: 'columns are missing', position: statement.name.span.start });
  const kind = isWriteOnly(resolved)
    ? 'stream'
    : resolved === null
      ? statement.kind === 'create-table'
        ? 'table'
        : 'stream'
      : connectorRelationKind({ statement, resolved, columns, primaryKey });
  if (kind === 'stream' && primaryKey !== null && !isWriteOnly(resolved)) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: 'a stream has no primary key: it only takes new rows',
      hint: 'CREATE TABLE … PRIMARY KEY … keeps the newest row of each key.',
      position: statement.name.span.start,
    });
  }
  if (resolved !== null) checkPartitioning(statement, { name: named.name, columns, appendOnly: kind === 'stream' });
  const keyed = columns.map((column, index) => (primaryKey?.includes(index) ? { ...column, nullable: false } : column));
  return {
    ...named,
    kind,
    columns: keyed,
    primaryKey,
    ...(kind === 'table' &&
      embedded !== null &&
      buildConstraints(statement.elements, { table: named.name, columns: keyed, primaryKey, binder: context.binder })),
    uniqueKeys: primaryKey === null ? [] : [primaryKey],
    watermark: buildWatermark(statement.elements, keyed, context.binder),
    options: resolved?.options ?? null,
    ...(embedded === null || embedded.size === 0 ? {} : { embeddedOptions: Object.fromEntries(embedded) }),
    ...(isWriteOnly(resolved) ? {} : { splits: await startSplits(resolved, kind, context.engine) }),
    appendOnly: kind === 'stream',
    query: null,
    statement: printStatement(statement),
    dependsOn: [],
    comment: statement.comment,
  };
}

/** Errors: those of `scanPartitioning`. */
function checkPartitioning({ options }: CreateRelationStatement, relation: Parameters<typeof scanPartitioning>[1]): void {
  const option = options.find(({ key }) => key.toLowerCase() === SCAN_PARTITION);
  if (option !== undefined) scanPartitioning({ text: option.value.text, span: option.value.span, what: `option "${SCAN_PARTITION}"` }, relation);
}

/**
 * The options of a relation that fsql keeps itself; null for one over a connector. A table has none: its rows go by DELETE. Errors: as checkOptions, 22023
 * for a retention of nothing.
 */
function resolveEmbeddedOptions({ kind, options, format }: CreateRelationStatement): ReadonlyMap<string, string> | null {
  if (format !== null) return null;
  if (options.length === 0) return new Map();
  const own = options.some(({ key }) => embeddedOptions.some(({ name }) => name === key.toLowerCase()));
  const foreign = options.some(({ key }) => ['connector', 'kafka_topic', 'connection'].includes(key.toLowerCase()));
  if (kind !== 'create-stream' || !own || foreign) return null;
  const checked = checkOptions(options, embeddedOptions, 'a stream without a connector');
  const retention = checked.get('retention');
  if (retention === undefined || optionMs(retention) >= 1) return checked;
  throw new SqlError({
    code: SqlState.invalidParameterValue,
    message: `rows cannot be kept for "${retention}"`,
    hint: 'A retention is a millisecond or longer; without the option rows stay.',
    position: options.find(({ key }) => key.toLowerCase() === 'retention')?.value.span.start,
  });
}

/** Flink's tables are where an INSERT goes, too: one over a connector that cannot be read has no splits and no job. */
function isWriteOnly(resolved: ResolvedOptions | null): boolean {
  return resolved !== null && resolved.connector.source === null;
}

async function startSplits(resolved: ResolvedOptions | null, kind: 'stream' | 'table', engine: Engine): Promise<readonly StartSplit[]> {
  if (resolved === null) return [{ id: '0', parameters: {}, start: engine.logPosition() + 1, end: null }];
  if (engine.parts.offline) return [];
  const options = engine.parts.bindConnector(resolved.options);
  const connector = engine.registries.connectors.get(options.get('connector')!)!;
  return connector.source!.listSplits(options, {
    clock: engine.clock,
    logger: engine.logger,
    // Messages of a table are changes: those of a key lie anywhere in a file, and have to be taken in its order.
    parallelism: kind === 'table' ? 1 : engine.parallelism,
  });
}

function refuseUnsupported(statement: CreateRelationStatement): void {
  const { temporary } = statement;
  if (temporary?.unlogged) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `CREATE UNLOGGED ${statement.kind.slice('create-'.length).toUpperCase()} is not supported`,
      hint: 'Use CREATE TABLE: what is written is always durable, but in a database in memory.',
      position: temporary.span.start,
    });
  }
  const unsupported: readonly (readonly [boolean, string])[] = [
    [statement.like !== null, 'LIKE'],
    [statement.query !== null, 'AS SELECT'],
  ];
  for (const [present, word] of unsupported) {
    if (!present) continue;
    const hint = word === 'AS SELECT' ? 'Use CREATE MATERIALIZED VIEW … AS SELECT.' : undefined;
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `${word} is not supported here yet`,
      hint,
      position: statement.name.span.start,
    });
  }
}
