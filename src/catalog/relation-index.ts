import { SqlError, SqlState } from '../base/index.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';
import type { Relation, RelationColumn } from './relation.ts';
import { relationKeys } from './relation-constraint.ts';

/** A declared index of a stored table or materialized view: reads find rows by its columns. Keys have theirs without being declared. */
export interface RelationIndex {
  readonly name: string;
  /** Never used again within its relation: system catalogs make the index's oid of it. */
  readonly number: number;
  /** Positions of the columns rows are found by, in order. */
  readonly columns: readonly number[];
  /** Positions of INCLUDE. A read has the whole row anyway. */
  readonly included: readonly number[];
}

/** The relation with an index of this name, declared or a key's; null when there is none in the schema. */
export function relationOfIndexName(snapshot: CatalogSnapshot, schema: string, name: string): Relation | null {
  for (const relation of snapshot.relationsOf(schema)) {
    if (relation.indexes?.some((index) => index.name === name) || relationKeys(relation).some((key) => key.name === name)) return relation;
  }
  return null;
}

/** What is left of a relation's indexes when it has other columns: those whose columns are there still, by name. */
export function indexesOver({ indexes, columns: before }: Pick<Relation, 'indexes' | 'columns'>, after: readonly RelationColumn[]): RelationIndex[] {
  const moved = (columns: readonly number[]): number[] => columns.map((column) => after.findIndex(({ name }) => name === before[column]!.name));
  return (indexes ?? [])
    .map((index) => ({ ...index, columns: moved(index.columns), included: moved(index.included) }))
    .filter(({ columns, included }) => ![...columns, ...included].includes(-1));
}

/** Indexes and relations of a schema share their names. Errors: 42P07. */
export function checkIndexNames(snapshot: CatalogSnapshot, relation: Relation): void {
  const taken = (name: string): SqlError => new SqlError({ code: SqlState.duplicateTable, message: `relation "${name}" already exists` });
  const own = new Set((relation.indexes ?? []).map(({ name }) => name));
  if (own.has(relation.name)) throw taken(relation.name);
  for (const name of own) if (snapshot.relation(relation.schema, name) !== null) throw taken(name);
  for (const other of snapshot.relationsOf(relation.schema)) {
    if (other.oid === relation.oid) continue;
    for (const { name } of other.indexes ?? []) if (own.has(name) || name === relation.name) throw taken(name);
  }
}
