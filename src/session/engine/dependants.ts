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
