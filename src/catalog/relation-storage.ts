import { type Relation, type RelationColumn, withDeclaredOptions } from './relation.ts';

/**
 * What jobs, rows and state of a relation go by once that is not its oid and its first name any more (PostgreSQL's relfilenode): a relation that was
 * replaced has a number of its own for its new rows, and one that was renamed keeps the names its state was made under, for the identity of an
 * operator's state is a hash of its parameters, names included.
 */
export interface RelationStorage {
  /** From the same numbers as oids. */
  readonly number: number;
  readonly name: string;
  /** Names of the columns, in order; and whether they take NULL, once that is another than it was. */
  readonly columns: readonly (Pick<RelationColumn, 'name' | 'externalName'> & { readonly nullable?: boolean })[];
  /** The options its state was made under, once they are others. */
  readonly options?: Readonly<Record<string, string>>;
}

/** The number of a relation's rows and job. */
export function storageNumber(relation: Pick<Relation, 'oid' | 'storage'>): number {
  return relation.storage?.number ?? relation.oid;
}

/** The storage as it is now: what a rename has to keep. */
export function storageOf(relation: Relation): RelationStorage {
  const { storage, oid, name, columns } = relation;
  return storage ?? { number: oid, name, columns: columns.map(({ name: known, externalName }) => ({ name: known, externalName })) };
}

/** The relation under the names its job has been planned with. */
export function underStorageNames(relation: Relation): Relation {
  const { storage } = relation;
  if (storage === undefined) return relation;
  const columns = relation.columns.map((column, index) => ({ ...column, ...storage.columns[index] }));
  return { ...relation, name: storage.name, columns };
}

/** The relation under the options its state was made with, for the identity of that state; null: it has them still. */
export function underStorageOptions(relation: Relation): Relation | null {
  const { storage } = relation;
  if (storage?.options === undefined) return null;
  return withDeclaredOptions(relation, new Map(Object.entries(storage.options)));
}
