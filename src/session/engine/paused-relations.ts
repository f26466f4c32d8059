import { SqlError, SqlState } from '../../base/index.ts';
import type { CatalogEntry, CatalogSnapshot, Relation } from '../../catalog/index.ts';

const KEY = 'paused';

/** PAUSE was said of the relation's job, or of something it reads. */
export function isPaused(relation: Pick<Relation, 'oid'>, catalog: CatalogSnapshot): boolean {
  return catalog.attachment(relation.oid, KEY) === true;
}

export function pausedEntry(relation: Pick<Relation, 'oid'>, paused: boolean): CatalogEntry {
  return { kind: 'attach', oid: relation.oid, key: KEY, value: paused ? true : null };
}

/** Errors: 55000 when one of them is paused: what stands still cannot be made anew. */
export function refusePaused(relations: readonly Relation[], catalog: CatalogSnapshot): void {
  const paused = relations.find((relation) => isPaused(relation, catalog));
  if (paused === undefined) return;
  throw new SqlError({ code: SqlState.objectNotInPrerequisiteState, message: `"${paused.name}" is paused`, hint: `RESUME ${paused.name} first.` });
}
