import { SqlError, SqlState } from '../../base/index.ts';
import type { RelationColumn } from '../../catalog/index.ts';
import type { CreateSource, CreateStream, CreateTable } from '../../sql/index.ts';
import type { ResolvedOptions } from './resolve-options.ts';

/** What decides whether a relation over a connector is a stream of rows or a table of changes. */
export interface ConnectorRelation {
  readonly statement: CreateStream | CreateTable | CreateSource;
  readonly resolved: ResolvedOptions;
  readonly columns: readonly RelationColumn[];
  readonly primaryKey: readonly number[] | null;
}

/**
 * A table with a primary key holds the newest row of each key; without one a connector is a stream of rows, as in Flink. Errors: 42P16 for changes without a
 * key or a key the messages do not have, 0A000 for what a changelog table cannot have.
 */
export function connectorRelationKind(relation: ConnectorRelation): 'stream' | 'table' {
  const { statement, resolved, primaryKey } = relation;
  if (primaryKey === null) {
    refuseChangesWithoutKey(relation);
    return 'stream';
  }
  if (statement.kind !== 'create-table') {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `a ${statement.kind === 'create-stream' ? 'stream' : 'source'} has no primary key: it only takes new rows`,
      hint: 'CREATE TABLE … PRIMARY KEY … WITH (connector = …) keeps the newest row of each key.',
      position: statement.name.span.start,
    });
  }
  for (const index of primaryKey) refuseForeignKeyColumn(relation.columns[index]!, statement);
  const changes = isChangeFormat(resolved);
  const watermark = statement.elements.find((element) => element.kind === 'watermark');
  if (changes && watermark !== undefined) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `a table of format "${resolved.format!.name}" cannot have a watermark: a late change would be left out and an older row stay`,
      hint: 'Declare the watermark on the stream that is joined with it.',
      position: watermark.span.start,
    });
  }
  if (changes && resolved.options.get('value.fields-include') === 'EXCEPT_KEY') {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: `format "${resolved.format!.name}" has the key columns in the value`,
      hint: "Leave value.fields-include = 'EXCEPT_KEY' out.",
      position: statement.options[0]?.span.start,
    });
  }
  return 'table';
}

function isChangeFormat({ format }: ResolvedOptions): boolean {
  return format !== null && format.changelogMode !== 'append';
}

function refuseChangesWithoutKey({ statement, resolved }: ConnectorRelation): void {
  const upsert = resolved.connector.changesByKey === true || statement.format?.format === 'UPSERT';
  if (!upsert && !isChangeFormat(resolved)) return;
  const what = isChangeFormat(resolved) ? `format "${resolved.format!.name}"` : upsertName(statement, resolved);
  throw new SqlError({
    code: SqlState.invalidTableDefinition,
    message: `${what} is about rows that change, which needs a primary key`,
    hint: 'Write CREATE TABLE … (…, PRIMARY KEY (…)).',
    position: statement.name.span.start,
  });
}

function upsertName(statement: ConnectorRelation['statement'], resolved: ResolvedOptions): string {
  return statement.format?.format === 'UPSERT' ? 'FORMAT UPSERT' : `connector "${resolved.connector.name}"`;
}

/** A message without a value says which row has gone by its key alone. */
function refuseForeignKeyColumn(column: RelationColumn, statement: ConnectorRelation['statement']): void {
  const { source } = column;
  if (source.kind === 'physical' || (source.kind === 'metadata' && source.key === 'key')) return;
  throw new SqlError({
    code: SqlState.invalidTableDefinition,
    message: `column "${column.name}" cannot be part of the primary key: it is ${source.kind === 'computed' ? 'computed' : `the message's ${source.key}`}`,
    hint: 'Columns of the message and its key can.',
    position: statement.name.span.start,
  });
}
