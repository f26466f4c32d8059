import { SqlError, SqlState } from '../../base/index.ts';
import type { CatalogEntry, CatalogSnapshot, Relation } from '../../catalog/index.ts';
import { relationsAfter } from './dependants.ts';

const KEY = 'paused';

/** PAUSE was said of the relation's job, or of something it reads. */
export function isPaused(relation: Pick<Relation, 'oid'>, catalog: CatalogSnapshot): boolean {
  return catalog.attachment(relation.oid, KEY) === true;
}

export function pausedEntry(relation: Pick<Relation, 'oid'>, paused: boolean): CatalogEntry {
  return { kind: 'attach', oid: relation.oid, key: KEY, value: paused ? true : null };
}

/** The relations and everything that reads them, producers before their readers, each once. */
export function withReaders(relations: readonly Relation[], catalog: CatalogSnapshot): Relation[] {
  const found = new Map<number, Relation>();
  for (const relation of relations) for (const one of [relation, ...relationsAfter(catalog, relation.oid)]) found.set(one.oid, one);
  // What a relation reads is older than it is, or was put in the place of something older.
  const order = [...found.values()];
  const depth = (relation: Relation): number => relation.dependsOn.reduce((most, oid) => Math.max(most, depthOf(oid) + 1), 0);
  const depthOf = (oid: number): number => {
    const relation = catalog.relationByOid(oid);
    return relation === null ? 0 : depth(relation);
  };
  return order.sort((left, right) => depth(left) - depth(right) || left.oid - right.oid);
}

/** Errors: 55000 when one of them is paused: what stands still cannot be made anew. */
export function refusePaused(relations: readonly Relation[], catalog: CatalogSnapshot): void {
  const paused = relations.find((relation) => isPaused(relation, catalog));
  if (paused === undefined) return;
  throw new SqlError({ code: SqlState.objectNotInPrerequisiteState, message: `"${paused.name}" is paused`, hint: `RESUME ${paused.name} first.` });
}
