import { SqlError, SqlState } from '../../base/index.ts';
import { type CatalogEntry, type CatalogSnapshot, type Relation, storageOf } from '../../catalog/index.ts';
import type { RelationUse } from '../../plan/index.ts';
import { type CreateSink, foldIdentifier, parseStatement, printStatement, type Query, quoteIdentifier, quoteRelation } from '../../sql/index.ts';
import { relationsAfter } from './dependants.ts';
import type { Engine } from './engine.ts';
import { hasJob } from './relation-jobs.ts';
import { StatementBinder } from './statement-binder.ts';

/**
 * What the catalog has to say when relations get other names, schemas or column names: they themselves, their jobs under the names they know
 * them by, and what reads them. Jobs go on as they are. A query is kept as text, so the text of a dependant is written anew: the new name with
 * the old one as alias, and the old names of the columns behind it, so that nothing else in it changes (PostgreSQL prints views alike).
 * Errors: 0A000 when a text cannot follow, or would not find its state again.
 */
export function planRename(renamed: readonly Relation[], engine: Engine, before: CatalogSnapshot): Relation[] {
  const changed = new Map(renamed.map((relation) => [relation.oid, underItsStorage(relation, before)]));
  const readers = new Map(renamed.flatMap(({ oid }) => before.directDependants(oid)).map((reader) => [reader.oid, reader]));
  for (const reader of readers.values()) {
    const now = changed.get(reader.oid) ?? reader;
    if (reader.query === null) continue;
    try {
      const follow = (use: RelationUse): string | null => followed(use, changed);
      const change = { now, before, engine };
      const texts = withUses(reader, change, follow);
      changed.set(reader.oid, {
        ...now,
        ...texts,
        ...(reader.into !== undefined && { statement: tableSinkStatement(reader, { change, changed, follow }) }),
      });
    } catch (error) {
      if (error instanceof SqlError) throw cannotFollow(reader, error.message);
      throw error;
    }
  }
  const relations = [...changed.values()];
  requireSameJobs(before, before.with(relations.map((relation) => ({ kind: 'put-relation', relation }))), { relations, engine });
  return relations;
}

function underItsStorage(relation: Relation, before: CatalogSnapshot): Relation {
  return hasJob(relation) ? { ...relation, storage: storageOf(before.relationByOid(relation.oid)!) } : relation;
}

interface Change {
  /** The reader itself, which may have another name, too. */
  readonly now: Relation;
  readonly before: CatalogSnapshot;
  readonly engine: Engine;
}

function followed(use: RelationUse, changed: ReadonlyMap<number, Relation>): string | null {
  const relation = changed.get(use.relation.oid);
  return relation === undefined ? null : renamedUse(use, relation);
}

/** Query and statement of a reader with other texts where it names relations; null leaves a use as it is. */
export function withUses(
  reader: Relation,
  { now, before, engine }: Change,
  textOf: (use: RelationUse) => string | null,
): Pick<Relation, 'query' | 'statement'> {
  const text = reader.query!;
  const uses = new Map<number, RelationUse>();
  const binder = StatementBinder.forCatalog(engine, before.storedReader(reader), {
    dependsOn: reader.dependsOn,
    named: (use) => uses.set(use.name.span.start, use),
  });
  binder.query(parseStatement(text) as Query);
  let spliced = text;
  for (const use of [...uses.values()].sort((left, right) => right.name.span.start - left.name.span.start)) {
    const written = textOf(use);
    if (written === null) continue;
    const end = endOf(use, text);
    spliced = `${spliced.slice(0, use.name.span.start)}${written}${spliced.slice(end)}`;
  }
  const query = parseStatement(spliced) as Query;
  return { query: printStatement(query), statement: statementOver(now.statement, query) };
}

/** Errors: 0A000 when something stands between the name and its alias. */
function endOf({ name, alias }: RelationUse, text: string): number {
  if (alias === null) return name.span.start + text.slice(name.span.start, name.span.end).trimEnd().length;
  const between = text.slice(name.span.end, alias.span.start).trim().toUpperCase();
  if (between === '' || between === 'AS') return alias.span.end;
  throw new SqlError({ code: SqlState.featureNotSupported, message: `its query reads ${text.slice(name.span.start, alias.span.end)}` });
}

/** The new name, the name it was known by as alias, and the columns under their old names where one has another. */
function renamedUse({ relation, name, asString, alias }: RelationUse, now: Relation): string {
  const written = name.parts.length > 1 || now.schema !== relation.schema ? [now.schema, now.name] : [now.name];
  if (asString) return `'${written.map(shownName).join('.').replaceAll("'", "''")}'`;
  const names = [...(alias?.columns.map(foldIdentifier) ?? []), ...relation.columns.slice(alias?.columns.length ?? 0).map((column) => column.name)];
  const sameColumns = now.columns.every((column, index) => column.name === relation.columns[index]!.name);
  const columns = sameColumns ? (alias?.columns.map(foldIdentifier) ?? []) : names;
  const known = alias === null ? relation.name : foldIdentifier(alias.name);
  const list = columns.length === 0 ? '' : ` (${columns.map(shownName).join(', ')})`;
  return `${written.map(shownName).join('.')}${known === now.name && list === '' ? '' : ` AS ${shownName(known)}${list}`}`;
}

/** The columns a relation had, under the name it is known by: what a star in a reader's query has meant so far. */
export function narrowedUse({ relation, asString, alias }: RelationUse): string | null {
  // The name alone, inside a call: what a star means there is seen when the query is planned again.
  if (asString) return null;
  const columns = relation.columns.map((column) => shownName(column.name)).join(', ');
  const list = alias === null || alias.columns.length === 0 ? '' : ` (${alias.columns.map(foldIdentifier).map(shownName).join(', ')})`;
  const known = alias === null ? relation.name : foldIdentifier(alias.name);
  return `(SELECT ${columns} FROM ${shownName(relation.schema)}.${shownName(relation.name)}) AS ${shownName(known)}${list}`;
}

/** The defining statement with another query. What is no CREATE … AS (a continuous INSERT) stays as it was written. */
function statementOver(text: string, query: Query): string {
  const statement = parseStatement(text);
  if (statement.kind === 'create-view' || statement.kind === 'create-materialized-view') return printStatement({ ...statement, query });
  return statement.kind === 'create-sink' ? printStatement({ ...statement, source: query }) : text;
}

/** Of CREATE SINK … INTO, whose query the catalog keeps as rows of the table; the table may have another name, too. An INSERT stays as it was written. */
function tableSinkStatement(
  sink: Relation,
  { change, changed, follow }: { change: Change; changed: ReadonlyMap<number, Relation>; follow: (use: RelationUse) => string | null },
): string {
  const written = parseStatement(change.now.statement);
  if (written.kind !== 'create-sink') return change.now.statement;
  const source =
    written.source.kind === 'query'
      ? printStatement(written.source)
      : `SELECT * FROM ${written.source.parts.map(foldIdentifier).map(shownName).join('.')}`;
  const query = parseStatement(withUses({ ...sink, query: source }, change, follow).query!) as Query;
  const target = changed.get(sink.into!);
  const renamed = target === undefined ? written : (parseStatement(`CREATE SINK s INTO ${quoteRelation(target)} FROM s`) as CreateSink);
  return printStatement({ ...written, into: renamed.into, source: query });
}

/** A word that reads back as this name: quoted unless it is plainly none of the grammar's. */
function shownName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && isFree(name) ? name : quoteIdentifier(name);
}

function isFree(name: string): boolean {
  try {
    parseStatement(`SELECT ${name}.${name} FROM ${name} AS ${name} (${name})`);
    return true;
  } catch (error) {
    if (error instanceof SqlError) return false;
    throw error;
  }
}

/** State is found by a hash of what an operator computes: every job has to be planned as it was. */
export function requireSameJobs(
  before: CatalogSnapshot,
  after: CatalogSnapshot,
  { relations, engine }: { relations: readonly Relation[]; engine: Engine },
): void {
  const concerned = new Map(relations.map(({ oid }) => [oid, after.relationByOid(oid)!]));
  for (const { oid } of relations) for (const reader of relationsAfter(after, oid)) concerned.set(reader.oid, reader);
  for (const relation of concerned.values()) {
    if (!hasJob(relation)) continue;
    const reason = difference(before.relationByOid(relation.oid)!, relation, { before, after, engine });
    if (reason !== null) throw cannotFollow(relation, reason);
  }
}

function cannotFollow(relation: Relation, detail: string): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: `${relation.kind} "${relation.name}" cannot follow the change`,
    detail,
    hint: 'Drop it first and create it again.',
  });
}

function difference(
  old: Relation,
  now: Relation,
  { before, after, engine }: { readonly before: CatalogSnapshot; readonly after: CatalogSnapshot; readonly engine: Engine },
): string | null {
  const idsOf = (relation: Relation, snapshot: CatalogSnapshot): string =>
    engine
      .jobOf(relation, snapshot)
      .graph.vertices.flatMap((vertex) => vertex.operators.map((operator) => operator.operatorId))
      .join(' ');
  try {
    return idsOf(old, before) === idsOf(now, after) ? null : 'Its state would not be found again.';
  } catch (error) {
    if (error instanceof SqlError) return error.message;
    throw error;
  }
}

/** Where one takes the name another gives up (SWAP WITH), that one stands aside first, so that no name is taken twice on the way. */
export function renameEntries(relations: readonly Relation[], before: CatalogSnapshot): CatalogEntry[] {
  const renamed = new Set(relations.map(({ oid }) => oid));
  const inTheWay = relations.flatMap((relation) => {
    const holder = before.relation(relation.schema, relation.name);
    return holder === null || holder.oid === relation.oid || !renamed.has(holder.oid) ? [] : [holder];
  });
  const aside = inTheWay.map((relation): Relation => ({ ...relation, name: `swapped_${relation.oid}` }));
  return [...aside, ...relations].map((relation) => ({ kind: 'put-relation', relation }));
}
