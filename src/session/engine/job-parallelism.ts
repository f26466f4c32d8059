import type { AttachmentValue, CatalogEntry, CatalogSnapshot, Relation } from '../../catalog/index.ts';
import type { EngineParts } from './engine-parts.ts';

const KEY = 'parallelism';

/** The number of subtasks set for the job of a relation; null: as many as there are slots. */
function declaredParallelism(relation: Pick<Relation, 'oid'>, catalog: CatalogSnapshot): number | null {
  const value: AttachmentValue = catalog.attachment(relation.oid, KEY);
  return typeof value === 'number' ? value : null;
}

export function parallelismEntry(relation: Pick<Relation, 'oid'>, parallelism: number | null): CatalogEntry {
  return { kind: 'attach', oid: relation.oid, key: KEY, value: parallelism };
}

/** What the relation's job is planned with. On a server started with fewer slots than were set it gets what is there. */
export function partsFor(relation: Pick<Relation, 'oid'>, catalog: CatalogSnapshot, parts: EngineParts): EngineParts {
  const declared = declaredParallelism(relation, catalog);
  return declared === null ? parts : { ...parts, parallelism: Math.min(declared, parts.parallelism) };
}
