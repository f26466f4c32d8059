import type { SqlType } from '../types/index.ts';
import type { AttachmentValue, CatalogEntry } from './catalog-entry.ts';
import type { CatalogReader, StoredNames } from './catalog-reader.ts';
import { type DeclaredFunction, functionKey } from './declared-function.ts';
import type { Relation } from './relation.ts';
import { storageNumber } from './relation-storage.ts';
import { isTemporarySchema, PG_TEMP, resolutionOrder } from './search-path.ts';

export interface Schema {
  readonly oid: number;
  readonly name: string;
  readonly comment: string | null;
  /** Of the product itself: nothing can be created in it or dropped from it. */
  readonly system: boolean;
}

interface SnapshotContent {
  readonly version: number;
  readonly schemas: ReadonlyMap<string, Schema>;
  /** Of the system's schemas: apart, since a change copies what it changes, and these are many and stay. */
  readonly systemRelations: ReadonlyMap<number, Relation>;
  readonly userRelations: ReadonlyMap<number, Relation>;
  /** By `schema` and `name`. */
  readonly names: ReadonlyMap<string, ReadonlyMap<string, Relation>>;
  readonly functions: ReadonlyMap<number, DeclaredFunction>;
  readonly attachments: ReadonlyMap<number, ReadonlyMap<string, AttachmentValue>>;
}

/** The catalog at one moment. Immutable: a change makes the next one and shares what did not change. */
export class CatalogSnapshot {
  readonly #content: SnapshotContent;

  constructor(content: SnapshotContent) {
    this.#content = content;
  }

  /** One with no more than what the system has. */
  static ofSystem(relations: Iterable<Relation>): CatalogSnapshot {
    const systemRelations = new Map<number, Relation>();
    const names = new Map<string, Map<string, Relation>>();
    for (const relation of relations) {
      systemRelations.set(relation.oid, relation);
      const own = names.get(relation.schema);
      if (own === undefined) names.set(relation.schema, new Map([[relation.name, relation]]));
      else own.set(relation.name, relation);
    }
    return new CatalogSnapshot({
      version: 0,
      schemas: new Map(),
      systemRelations,
      userRelations: new Map(),
      names,
      functions: new Map(),
      attachments: new Map(),
    });
  }

  /** Rises with every commit. */
  get version(): number {
    return this.#content.version;
  }

  schemas(): Iterable<Schema> {
    return this.#content.schemas.values();
  }

  schema(name: string): Schema | null {
    return this.#content.schemas.get(name) ?? null;
  }

  *relations(): Iterable<Relation> {
    yield* this.#content.systemRelations.values();
    yield* this.#content.userRelations.values();
  }

  /** Without those of the system, which have no jobs, read nothing and never change. */
  userRelations(): Iterable<Relation> {
    return this.#content.userRelations.values();
  }

  relationsOf(schema: string): Iterable<Relation> {
    return this.#content.names.get(schema)?.values() ?? [];
  }

  relationByOid(oid: number): Relation | null {
    return this.#content.userRelations.get(oid) ?? this.#content.systemRelations.get(oid) ?? null;
  }

  /** The relation whose job and rows go by this number. */
  relationByStorage(number: number): Relation | null {
    for (const relation of this.relations()) if (storageNumber(relation) === number) return relation;
    return null;
  }

  relation(schema: string, name: string): Relation | null {
    return this.#content.names.get(schema)?.get(name) ?? null;
  }

  functions(): Iterable<DeclaredFunction> {
    return this.#content.functions.values();
  }

  functionByOid(oid: number): DeclaredFunction | null {
    return this.#content.functions.get(oid) ?? null;
  }

  /** The function with exactly these parameters. */
  functionOf(schema: string, name: string, types: readonly SqlType[]): DeclaredFunction | null {
    const key = functionKey(schema, name, types);
    for (const declared of this.functions()) {
      if (declared.name !== name) continue;
      const own = declared.parameters.map((parameter) => parameter.type);
      if (functionKey(declared.schema, declared.name, own) === key) return declared;
    }
    return null;
  }

  /** What is attached to an object (0: the database) under a key. */
  attachment(oid: number, key: string): AttachmentValue {
    return this.#content.attachments.get(oid)?.get(key) ?? null;
  }

  attachments(oid: number): ReadonlyMap<string, AttachmentValue> {
    return this.#content.attachments.get(oid) ?? new Map();
  }

  /** Look-ups of a session: names without schema go through its search path, system schemas first. */
  reader(searchPath: readonly string[]): CatalogReader {
    const order = resolutionOrder(searchPath);
    const temporary = searchPath.find(isTemporarySchema);
    const schemaOf = (written: string): string => (written === PG_TEMP ? (temporary ?? PG_TEMP) : written);
    return {
      relation: (schema, name) => {
        if (schema !== null) return this.relation(schemaOf(schema), name);
        for (const candidate of order) {
          const found = this.relation(candidate, name);
          if (found !== null) return found;
        }
        return null;
      },
      relationByOid: (oid) => this.relationByOid(oid),
      relations: () => this.relations(),
      functions: (schema, name) => {
        const schemas = schema === null ? order : [schemaOf(schema)];
        return [...this.functions()].filter((declared) => declared.name === name && schemas.includes(declared.schema));
      },
      functionByOid: (oid) => this.functionByOid(oid),
      functionNames: () => [...this.functions()].map((declared) => declared.name),
      hasSchema: (name) => this.schema(name) !== null,
      stored: (names) => this.storedReader(names),
    };
  }

  storedReader({ schema, dependsOn }: StoredNames): CatalogReader {
    const usual = this.reader([schema, 'public']);
    return {
      ...usual,
      relation: (named, name) => {
        const found = usual.relation(named, name);
        if (named !== null || (found !== null && dependsOn.includes(found.oid))) return found;
        for (const oid of dependsOn) {
          const relation = this.relationByOid(oid);
          if (relation?.name === name) return relation;
        }
        return found;
      },
    };
  }

  /** Relations that read this one directly, in the order of their making. */
  directDependants(oid: number): Relation[] {
    return [...this.userRelations()].filter((relation) => relation.oid !== oid && relation.dependsOn.includes(oid)).sort(byOid);
  }

  /** Declared functions whose queries read this object. */
  functionsReading(oid: number): DeclaredFunction[] {
    return [...this.functions()].filter((declared) => declared.oid !== oid && declared.dependsOn.includes(oid)).sort(byOid);
  }

  /** The snapshot after `entries`, which have been checked. */
  with(entries: readonly CatalogEntry[]): CatalogSnapshot {
    const change = new SnapshotChange(this.#content);
    for (const entry of entries) change.apply(entry);
    return new CatalogSnapshot(change.content());
  }
}

function byOid(left: { readonly oid: number }, right: { readonly oid: number }): number {
  return left.oid - right.oid;
}

/** Copies the maps once for any number of entries. */
class SnapshotChange {
  readonly #version: number;
  readonly #schemas: Map<string, Schema>;
  readonly #systemRelations: ReadonlyMap<number, Relation>;
  readonly #userRelations: Map<number, Relation>;
  readonly #names: Map<string, ReadonlyMap<string, Relation>>;
  /** The schemas' names that are this change's own; the others are shared with the snapshot before it. */
  readonly #copiedNames = new Map<string, Map<string, Relation>>();
  readonly #functions: Map<number, DeclaredFunction>;
  readonly #attachments: Map<number, ReadonlyMap<string, AttachmentValue>>;

  constructor(content: SnapshotContent) {
    this.#version = content.version + 1;
    this.#schemas = new Map(content.schemas);
    this.#systemRelations = content.systemRelations;
    this.#userRelations = new Map(content.userRelations);
    this.#names = new Map(content.names);
    this.#functions = new Map(content.functions);
    this.#attachments = new Map(content.attachments);
  }

  content(): SnapshotContent {
    return {
      version: this.#version,
      schemas: this.#schemas,
      systemRelations: this.#systemRelations,
      userRelations: this.#userRelations,
      names: this.#names,
      functions: this.#functions,
      attachments: this.#attachments,
    };
  }

  apply(entry: CatalogEntry): void {
    switch (entry.kind) {
      case 'create-schema':
        this.#schemas.set(entry.name, { oid: entry.oid, name: entry.name, comment: null, system: isSystemSchema(entry.name) });
        return;
      case 'drop-schema':
        this.#dropSchema(entry.oid);
        return;
      case 'comment-on-schema':
        this.#changeSchema(entry.oid, entry.comment);
        return;
      case 'put-relation':
        this.#putRelation(entry.relation);
        return;
      case 'drop-relation':
        this.#dropRelation(entry.oid);
        return;
      case 'put-function':
        this.#functions.set(entry.declared.oid, entry.declared);
        return;
      case 'drop-function':
        this.#functions.delete(entry.oid);
        return;
      case 'attach':
        this.#attach(entry.oid, entry.key, entry.value);
        return;
    }
  }

  #dropSchema(oid: number): void {
    for (const schema of this.#schemas.values()) if (schema.oid === oid) this.#schemas.delete(schema.name);
    this.#attachments.delete(oid);
  }

  #changeSchema(oid: number, comment: string | null): void {
    for (const schema of this.#schemas.values()) if (schema.oid === oid) this.#schemas.set(schema.name, { ...schema, comment });
  }

  #putRelation(relation: Relation): void {
    const previous = this.#userRelations.get(relation.oid);
    if (previous !== undefined) this.#forgetName(previous);
    this.#userRelations.set(relation.oid, relation);
    this.#namesOf(relation.schema).set(relation.name, relation);
  }

  #dropRelation(oid: number): void {
    const relation = this.#userRelations.get(oid);
    if (relation === undefined) return;
    this.#forgetName(relation);
    this.#userRelations.delete(oid);
    this.#attachments.delete(oid);
  }

  #forgetName(relation: Relation): void {
    const names = this.#namesOf(relation.schema);
    // A renamed or swapped relation may have left its old name to another one.
    if (names.get(relation.name)?.oid === relation.oid) names.delete(relation.name);
  }

  /** To be changed in place. */
  #namesOf(schema: string): Map<string, Relation> {
    let names = this.#copiedNames.get(schema);
    if (names === undefined) {
      names = new Map(this.#names.get(schema));
      this.#copiedNames.set(schema, names);
      this.#names.set(schema, names);
    }
    return names;
  }

  #attach(oid: number, key: string, value: AttachmentValue): void {
    const values = new Map(this.#attachments.get(oid));
    if (value === null) values.delete(key);
    else values.set(key, value);
    this.#attachments.set(oid, values);
  }
}

export function isSystemSchema(name: string): boolean {
  return name === 'pg_catalog' || name === 'information_schema' || name === 'fsql_catalog';
}
