import { SqlError, SqlState } from '../base/index.ts';
import { type CatalogEntry, decodeCatalogEntries, encodeCatalogEntries } from './catalog-entry.ts';
import { catalogImage, oidsInUse } from './catalog-image.ts';
import { CatalogSnapshot, isSystemSchema, type Schema } from './catalog-snapshot.ts';
import { type DeclaredFunction, functionText } from './declared-function.ts';
import { isOfTheProduct, type Relation } from './relation.ts';
import { checkIndexNames } from './relation-index.ts';
import { storageNumber } from './relation-storage.ts';
import { temporarySchemaName } from './search-path.ts';

/** Where the catalog is kept: texts in order, each durable before `append` resolves (state's CatalogLog has this shape). */
export interface CatalogLogStore {
  append(entry: string): Promise<void>;
  entries(): readonly string[];
}

/** PostgreSQL's FirstNormalObjectId: smaller oids belong to the system. */
const FIRST_USER_OID = 16384;
const PUBLIC_SCHEMA_OID = 2200;

/** Oids reserved at once, as PostgreSQL's VAR_OID_PREFETCH: a crash skips as many at most. */
const RESERVED_AHEAD = 128;

/**
 * The live catalog: the newest snapshot and the only way to change it. A commit is checked against the newest snapshot, made durable,
 * and only then seen; commits queue behind each other.
 */
export class Catalog {
  readonly #log: CatalogLogStore;
  /** Oids of relations and functions that are gone: a plan made before the drop must not be committed after it. */
  readonly #dropped = new Set<number>();
  #snapshot: CatalogSnapshot;
  #nextOid = FIRST_USER_OID;
  /** No start gives out this oid or a smaller one again. */
  #reserved = FIRST_USER_OID - 1;
  #lastCommit: Promise<unknown> = Promise.resolve();

  private constructor(log: CatalogLogStore, snapshot: CatalogSnapshot) {
    this.#log = log;
    this.#snapshot = snapshot;
  }

  /** Replays the log over the system relations. A text that cannot be read is damage (XX001) and names its place. */
  static open(log: CatalogLogStore, systemRelations: Iterable<Relation>): Catalog {
    const catalog = new Catalog(log, CatalogSnapshot.ofSystem(systemRelations).with(systemSchemas));
    log.entries().forEach((text, index) => {
      const entries = readEntries(text, index);
      catalog.#publish(entries, catalog.#snapshot.with(entries));
    });
    catalog.#reserved = catalog.#nextOid - 1;
    return catalog;
  }

  /** The newest committed state. */
  get snapshot(): CatalogSnapshot {
    return this.#snapshot;
  }

  /** All of it as one text for another log, without its history. */
  image(): string {
    return catalogImage(this.#snapshot, this.#nextOid - 1);
  }

  /** A new oid. One that no commit uses and that is not reserved is given again after a restart. */
  allocateOid(): number {
    return this.#nextOid++;
  }

  /**
   * Resolves when no start will give out again what has been allocated so far. Ask before anything durable but the catalog itself (a checkpoint, the log of
   * rows, another system) is named by such an oid: after a crash it may be all that is left, and must not become part of what is defined next.
   */
  async reserveAllocated(): Promise<void> {
    if (this.#nextOid - 1 <= this.#reserved) return;
    await this.#inOrder(async () => {
      const last = this.#nextOid - 1;
      if (last <= this.#reserved) return;
      await this.#log.append(encodeCatalogEntries([oidsInUse(last + RESERVED_AHEAD)]));
      this.#reserved = last + RESERVED_AHEAD;
    });
  }

  /**
   * Checks the entries against the newest snapshot, writes them as one text and publishes them. Rejects, with nothing changed, on a
   * name that is taken (42P07, 42P06), a schema that is missing (3F000) or in use (2BP01), a system schema (42501), a relation gone meanwhile (40001).
   */
  commit(entries: readonly CatalogEntry[]): Promise<CatalogSnapshot> {
    return this.#inOrder(async () => {
      if (entries.length === 0) return this.#snapshot;
      const next = this.preview(entries);
      await this.#log.append(encodeCatalogEntries(entries));
      this.#publish(entries, next);
      return next;
    });
  }

  /** Behind whatever was written to the log before. */
  #inOrder<T>(write: () => Promise<T>): Promise<T> {
    const result = this.#lastCommit.then(write);
    this.#lastCommit = result.catch(() => undefined);
    return result;
  }

  /** What the catalog, or `over`, would be after the entries: DDL inside a transaction block sees it before the commit. Throws as `commit` rejects. */
  preview(entries: readonly CatalogEntry[], over: CatalogSnapshot = this.#snapshot): CatalogSnapshot {
    let snapshot = over;
    const put = new Set<number>();
    for (const entry of entries) {
      checkEntry(snapshot, entry);
      if (entry.kind === 'put-relation') this.#checkDependencies(entry.relation, put);
      if (entry.kind === 'put-function') this.#checkDependencies(entry.declared, put);
      const oid = putOid(entry);
      if (oid !== null) put.add(oid);
      snapshot = snapshot.with([entry]);
    }
    return snapshot;
  }

  /** `put`: what is there again. */
  #checkDependencies(relation: { readonly name: string; readonly dependsOn: readonly number[] }, put: ReadonlySet<number>): void {
    if (!relation.dependsOn.some((oid) => this.#dropped.has(oid) && !put.has(oid))) return;
    throw changedMeanwhile(`an object that "${relation.name}" reads was dropped by another session`);
  }

  #publish(entries: readonly CatalogEntry[], snapshot: CatalogSnapshot): void {
    for (const entry of entries) {
      this.#nextOid = Math.max(this.#nextOid, entryOid(entry) + 1);
      if (entry.kind === 'drop-relation' || entry.kind === 'drop-function') this.#dropped.add(entry.oid);
      const put = putOid(entry);
      if (put !== null) this.#dropped.delete(put);
    }
    this.#snapshot = snapshot;
  }
}

const systemSchemas: readonly CatalogEntry[] = [
  { kind: 'create-schema', oid: 11, name: 'pg_catalog' },
  { kind: 'create-schema', oid: 13_000, name: 'information_schema' },
  { kind: 'create-schema', oid: 15_000, name: 'fsql_catalog' },
  { kind: 'create-schema', oid: PUBLIC_SCHEMA_OID, name: 'public' },
  { kind: 'comment-on-schema', oid: PUBLIC_SCHEMA_OID, comment: 'standard public schema' },
];

function readEntries(text: string, index: number): CatalogEntry[] {
  try {
    return decodeCatalogEntries(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SqlError({ code: SqlState.dataCorrupted, message: `catalog log entry ${index + 1} cannot be read: ${reason}`, cause: error });
  }
}

/** The object that is there behind the entry; null: it puts none. */
function putOid(entry: CatalogEntry): number | null {
  if (entry.kind === 'put-function') return entry.declared.oid;
  return entry.kind === 'put-relation' ? entry.relation.oid : null;
}

function entryOid(entry: CatalogEntry): number {
  if (entry.kind === 'put-function') return entry.declared.oid;
  return entry.kind === 'put-relation' ? Math.max(entry.relation.oid, storageNumber(entry.relation)) : entry.oid;
}

function checkEntry(snapshot: CatalogSnapshot, entry: CatalogEntry): void {
  switch (entry.kind) {
    case 'create-schema':
      checkNewSchema(snapshot, entry);
      return;
    case 'drop-schema':
      checkSchemaEmpty(snapshot, entry.oid);
      return;
    case 'put-relation':
      checkRelation(snapshot, entry.relation);
      return;
    case 'drop-relation':
      if (snapshot.relationByOid(entry.oid) === null) throw changedMeanwhile(`relation with OID ${entry.oid} does not exist any more`);
      return;
    case 'put-function':
      checkFunction(snapshot, entry.declared);
      return;
    case 'drop-function':
      if (snapshot.functionByOid(entry.oid) === null) throw changedMeanwhile(`function with OID ${entry.oid} does not exist any more`);
      return;
    case 'comment-on-schema':
    case 'attach':
      return;
  }
}

function checkFunction(snapshot: CatalogSnapshot, declared: DeclaredFunction): void {
  checkOwnSchema(snapshot, declared.schema);
  const types = declared.parameters.map((parameter) => parameter.type);
  const holder = snapshot.functionOf(declared.schema, declared.name, types);
  if (holder === null || holder.oid === declared.oid) return;
  throw new SqlError({
    code: SqlState.duplicateFunction,
    message: `function "${declared.name}" already exists with same argument types`,
    hint: 'CREATE OR REPLACE FUNCTION puts a new one in its place.',
  });
}

function checkNewSchema(snapshot: CatalogSnapshot, { oid, name }: Pick<Schema, 'oid' | 'name'>): void {
  if ((name.startsWith('pg_') || name.startsWith('fsql_')) && name !== temporarySchemaName(oid)) {
    throw new SqlError({
      code: SqlState.reservedName,
      message: `unacceptable schema name "${name}"`,
      detail: 'The prefixes "pg_" and "fsql_" are reserved for system schemas.',
    });
  }
  if (snapshot.schema(name) !== null) throw new SqlError({ code: SqlState.duplicateSchema, message: `schema "${name}" already exists` });
}

function checkSchemaEmpty(snapshot: CatalogSnapshot, oid: number): void {
  const schema = [...snapshot.schemas()].find((candidate) => candidate.oid === oid);
  if (schema === undefined) throw changedMeanwhile(`schema with OID ${oid} does not exist any more`);
  if (schema.system) throw new SqlError({ code: SqlState.insufficientPrivilege, message: `permission denied for schema ${schema.name}` });
  const relations = [...snapshot.relations()].filter((relation) => relation.schema === schema.name);
  const functions = [...snapshot.functions()].filter((declared) => declared.schema === schema.name);
  const contents = [
    ...relations.map((relation) => `${relation.kind} ${schema.name}.${relation.name}`),
    ...functions.map((declared) => `function ${schema.name}.${functionText(declared)}`),
  ];
  if (contents.length === 0) return;
  throw new SqlError({
    code: SqlState.dependentObjectsStillExist,
    message: `cannot drop schema ${schema.name} because other objects depend on it`,
    detail: contents.map((object) => `${object} depends on schema ${schema.name}`).join('\n'),
    hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
  });
}

function checkRelation(snapshot: CatalogSnapshot, relation: Relation): void {
  if (!isOfTheProduct(relation)) checkOwnSchema(snapshot, relation.schema);
  const holder = snapshot.relation(relation.schema, relation.name);
  if (holder !== null && holder.oid !== relation.oid) {
    throw new SqlError({ code: SqlState.duplicateTable, message: `relation "${relation.name}" already exists` });
  }
  checkIndexNames(snapshot, relation);
}

/** Errors: 42501 for a system schema, 3F000. */
function checkOwnSchema(snapshot: CatalogSnapshot, schema: string): void {
  if (isSystemSchema(schema)) throw new SqlError({ code: SqlState.insufficientPrivilege, message: `permission denied for schema ${schema}` });
  if (snapshot.schema(schema) === null) throw new SqlError({ code: SqlState.invalidSchemaName, message: `schema "${schema}" does not exist` });
}

function changedMeanwhile(detail: string): SqlError {
  return new SqlError({ code: SqlState.serializationFailure, message: 'could not serialize access due to concurrent update', detail });
}
