import type { CatalogSnapshot, Relation } from '../../catalog/index.ts';

/** Everything that reads the relation, directly or not, each behind what it reads. */
export function relationsAfter(snapshot: CatalogSnapshot, oid: number): Relation[] {
  const seen = new Set<number>();
  const order: Relation[] = [];
  const visit = (producer: number): void => {
    for (const dependant of snapshot.directDependants(producer)) {
      if (seen.has(dependant.oid)) continue;
      seen.add(dependant.oid);
      visit(dependant.oid);
      order.unshift(dependant);
    }
  };
  visit(oid);
  return order;
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
