import { SqlError, SqlState } from '../../base/index.ts';
import type { StartSplit } from '../../catalog/index.ts';
import type { CreateSource, CreateStream, CreateTable } from '../../sql/index.ts';
import { printStatement } from '../../sql/index.ts';
import type { Engine, StatementBinder } from '../engine/index.ts';
import { buildColumns } from './build-columns.ts';
import { buildWatermark } from './build-watermark.ts';
import { connectorRelationKind } from './connector-relation.ts';
import type { RelationDraft } from './relation-draft.ts';
import { type ResolvedOptions, resolveOptions } from './resolve-options.ts';

type CreateRelationStatement = CreateStream | CreateTable | CreateSource;

/** From the statement to a relation: columns, key, watermark, options, and the splits as they are now, tried out on the other side. */
export async function createRelationDraft(
  statement: CreateRelationStatement,
  named: { readonly schema: string; readonly name: string },
  context: { readonly engine: Engine; readonly binder: StatementBinder },
): Promise<RelationDraft> {
  refuseUnsupported(statement);
  const embedded = statement.options.length === 0 && statement.format === null;
  const resolved = embedded ? null : resolveOptions(statement.options, statement.format, context.engine.registries);
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
  const keyed = columns.map((column, index) => (primaryKey?.includes(index) ? { ...column, nullable: false } : column));
  return {
    ...named,
    kind,
    columns: keyed,
    primaryKey,
    uniqueKeys: primaryKey === null ? [] : [primaryKey],
    watermark: buildWatermark(statement.elements, keyed, context.binder),
    options: resolved?.options ?? null,
    ...(isWriteOnly(resolved) ? {} : { splits: await startSplits(resolved, context.engine) }),
    appendOnly: kind === 'stream',
    query: null,
    statement: printStatement(statement),
    dependsOn: [],
    comment: statement.comment,
  };
}

/** Flink's tables are where an INSERT goes, too: one over a connector that cannot be read has no splits and no job. */
function isWriteOnly(resolved: ResolvedOptions | null): boolean {
  return resolved !== null && resolved.connector.source === null;
}

async function startSplits(resolved: ResolvedOptions | null, engine: Engine): Promise<readonly StartSplit[]> {
  if (resolved === null) return [{ id: '0', parameters: {}, start: engine.logPosition() + 1, end: null }];
  if (engine.parts.offline) return [];
  const options = engine.parts.bindConnector(resolved.options);
  const connector = engine.registries.connectors.get(options.get('connector')!)!;
  return connector.source!.listSplits(options, {
    clock: engine.clock,
    logger: engine.logger,
    parallelism: engine.parallelism,
  });
}

function refuseUnsupported(statement: CreateRelationStatement): void {
  const unsupported: readonly (readonly [boolean, string])[] = [
    [statement.temporary, 'TEMPORARY'],
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
