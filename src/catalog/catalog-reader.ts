import type { DeclaredFunction } from './declared-function.ts';
import type { Relation } from './relation.ts';

/** What the binder asks of the catalog. `schemas` of a look-up without schema is the session's search path. */
export interface CatalogReader {
  /** The relation of that name; the first schema of the path that has it. */
  relation(schema: string | null, name: string): Relation | null;
  relationByOid(oid: number): Relation | null;
  relations(): Iterable<Relation>;
  /** Declared functions of that name in a schema, or in all schemas of the path. */
  functions(schema: string | null, name: string): readonly DeclaredFunction[];
  functionByOid(oid: number): DeclaredFunction | null;
  functionNames(): Iterable<string>;
  hasSchema(name: string): boolean;
  /** Look-ups of what is kept as text; see StoredNames. */
  stored(names: StoredNames): CatalogReader;
}

/**
 * What the text of a stored definition means by names without schema, whoever reads it and whatever has been made since (PostgreSQL keeps the objects themselves): what it
 * depends on, wherever that is. Other names go through the definition's own schema and public.
 */
export interface StoredNames {
  readonly schema: string;
  /** Oids. */
  readonly dependsOn: readonly number[];
}
