import { SqlError, SqlState } from '../../base/index.ts';
import { type CatalogSnapshot, type Relation, type RelationIndex, relationOfIndexName } from '../../catalog/index.ts';
import { type CreateIndex, type DropStatement, foldIdentifier, type OrderByItem, type QualifiedName, type Span } from '../../sql/index.ts';
import { columnNamed } from '../ddl/build-columns.ts';
import { findRelation, requireRelation } from '../ddl/object-name.ts';
import { searchPath } from '../search-path.ts';
import type { StatementContext, StatementHandler } from '../statement-context.ts';

/** CREATE INDEX [name] ON relation (columns) [INCLUDE (columns)]: reads find rows of a stored table or materialized view by it. */
export const createIndex: StatementHandler<'create-index'> = {
  kind: 'create-index',
  async execute(statement, context) {
    const relation = indexedRelation(statement, context);
    refuseWhatIsNone(statement);
    const columns = statement.keys.map((item) => keyColumn(item, relation, context));
    const included = statement.include.map((name) => columnNamed(foldIdentifier(name), relation.columns, name.span.start));
    const written = statement.name === null ? null : foldIdentifier(statement.name.parts.at(-1)!);
    if (written !== null && alreadyThere(written, relation, statement, context)) return { kind: 'command', tag: 'CREATE INDEX' };
    const name = written ?? freeName(relation, columns, context.definer.snapshot);
    const numbered = (indexes: readonly RelationIndex[]): RelationIndex => {
      return { name, number: Math.max(-1, ...indexes.map(({ number }) => number)) + 1, columns, included };
    };
    const change = ({ indexes = [] }: Relation): readonly RelationIndex[] => [...indexes, numbered(indexes)];
    await context.definer.changeIndexes(relation.oid, change, context.signal);
    return { kind: 'command', tag: 'CREATE INDEX' };
  },
};

/** DROP INDEX. Errors: 42704, 42809 for a relation, 2BP01 for the index of a key. */
export async function dropIndexes(statement: DropStatement, context: StatementContext): Promise<void> {
  const found = statement.names.flatMap((written) => {
    const relation = relationOfIndex(written, statement, context);
    return relation === null ? [] : [{ relation, name: foldIdentifier(written.parts.at(-1)!) }];
  });
  for (const { relation, name } of found) {
    const change = ({ indexes = [] }: Relation): readonly RelationIndex[] => indexes.filter((index) => index.name !== name);
    await context.definer.changeIndexes(relation.oid, change, context.signal);
  }
}

function relationOfIndex(written: QualifiedName, statement: DropStatement, context: StatementContext): Relation | null {
  const { snapshot } = context.definer;
  const name = foldIdentifier(written.parts.at(-1)!);
  const schemas = written.parts.length > 1 ? [foldIdentifier(written.parts.at(-2)!)] : searchPath(context.session);
  const position = written.span.start;
  for (const schema of schemas) {
    const relation = relationOfIndexName(snapshot, schema, name);
    if (relation?.indexes?.some((index) => index.name === name)) return relation;
    if (relation === null) continue;
    throw new SqlError({
      code: SqlState.dependentObjectsStillExist,
      message: `cannot drop index ${name} because constraint ${name} on table ${relation.name} requires it`,
      hint: `You can drop constraint ${name} on table ${relation.name} instead.`,
      position,
    });
  }
  if (findRelation(written, context) !== null)
    throw new SqlError({ code: SqlState.wrongObjectType, message: `"${name}" is not an index`, hint: 'SHOW INDEXES lists them.', position });
  if (!statement.ifExists) throw new SqlError({ code: SqlState.undefinedObject, message: `index "${name}" does not exist`, position });
  context.notice({ severity: 'NOTICE', code: SqlState.successfulCompletion, message: `index "${name}" does not exist, skipping` });
  return null;
}

/** Errors: 42P01, 42809 for what keeps no rows to be found by their columns. */
function indexedRelation(statement: CreateIndex, context: StatementContext): Relation {
  const relation = requireRelation(statement.table, context);
  if (relation.kind === 'table' || relation.kind === 'materialized view') return relation;
  throw new SqlError({
    code: SqlState.wrongObjectType,
    message: `cannot create index on relation "${relation.name}"`,
    detail: `This operation is not supported for ${relation.kind === 'system' ? 'system catalogs' : `${relation.kind}s`}.`,
    hint: 'Tables and materialized views have indexes.',
    position: statement.table.span.start,
  });
}

/** What an index of ours is not. Errors: 0A000. */
function refuseWhatIsNone(statement: CreateIndex): void {
  const { unique, method, where, distributedBy, options, span } = statement;
  if (unique) throw refused('CREATE UNIQUE INDEX', 'ALTER TABLE … ADD UNIQUE (columns) keeps the rows of a table unique, and has an index.', span);
  if (method !== null && foldIdentifier(method) !== 'btree') throw refused(`access method "${foldIdentifier(method)}"`, 'Use btree.', method.span);
  if (where !== null) throw refused('CREATE INDEX … WHERE', 'Index a materialized view with this condition.', where.span);
  if (distributedBy[0] !== undefined) throw refused('DISTRIBUTED BY', 'Rows lie where the key of their relation puts them.', distributedBy[0].span);
  if (options[0] !== undefined) throw refused('CREATE INDEX … WITH', 'An index has no options.', options[0].span);
}

function refused(what: string, hint: string, span: Span): SqlError {
  return new SqlError({ code: SqlState.featureNotSupported, message: `${what} is not supported`, hint, position: span.start });
}

/** Errors: 42703, 0A000 for expressions. */
function keyColumn({ expression, direction, nulls, using, span }: OrderByItem, relation: Relation, context: StatementContext): number {
  if (expression.kind !== 'column-reference' || expression.name.length !== 1 || using !== null)
    throw refused('an index on an expression', 'Index a materialized view that has it as a column.', span);
  const column = columnNamed(foldIdentifier(expression.name[0]!), relation.columns, span.start);
  if (direction === 'desc' || nulls !== null) {
    const message = 'the order of an index column is ignored: an index finds rows, ORDER BY sorts them';
    context.notice({ severity: 'NOTICE', code: SqlState.successfulCompletion, message });
  }
  return column;
}

/** Errors: 42P07. */
function alreadyThere(name: string, { schema }: Relation, statement: CreateIndex, context: StatementContext): boolean {
  const { snapshot } = context.definer;
  if (!isTaken(name, schema, snapshot)) return false;
  const message = `relation "${name}" already exists`;
  if (!statement.ifNotExists) throw new SqlError({ code: SqlState.duplicateTable, message, position: statement.name!.span.start });
  context.notice({ severity: 'NOTICE', code: SqlState.duplicateTable, message: `${message}, skipping` });
  return true;
}

function isTaken(name: string, schema: string, snapshot: CatalogSnapshot): boolean {
  return snapshot.relation(schema, name) !== null || relationOfIndexName(snapshot, schema, name) !== null;
}

/** PostgreSQL's: relation_column_idx, with a number where that is taken. */
function freeName(relation: Relation, columns: readonly number[], snapshot: CatalogSnapshot): string {
  const base = `${relation.name}_${columns.map((column) => relation.columns[column]!.name).join('_')}_idx`;
  for (let number = 0; ; number++) {
    const name = number === 0 ? base : `${base}${number}`;
    if (!isTaken(name, relation.schema, snapshot)) return name;
  }
}
