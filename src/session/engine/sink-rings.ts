import { SqlError, SqlState } from '../../base/index.ts';
import type { CatalogSnapshot, Relation } from '../../catalog/index.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';

/** Errors: 42P17 when what the sink writes comes back to it, over views and other sinks. */
export function refuseSinkRing(sink: RelationDraft, catalog: CatalogSnapshot, position: number | undefined): void {
  const way = wayBetween(sink.into!, sink, catalog);
  if (way === null) return;
  throw new SqlError({
    code: SqlState.invalidObjectDefinition,
    message: `sink "${sink.name}" would read what it writes`,
    detail: `Its rows would come back over ${way.map(({ name }) => `"${name}"`).join(', ')}.`,
    hint: 'A query over its own result is WITH RECURSIVE.',
    position,
  });
}

/** The relations that rows of `from` pass before the sink reads them, `from` first; null: they never reach it. */
function wayBetween(from: number, sink: RelationDraft, catalog: CatalogSnapshot): readonly Relation[] | null {
  const seen = new Set<number>([from]);
  const ways: (readonly Relation[])[] = [[catalog.relationByOid(from)!]];
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    const last = way.at(-1)!;
    if (reads(sink, last.oid)) return way;
    for (const next of readers(last, catalog)) {
      if (seen.has(next.oid)) continue;
      seen.add(next.oid);
      ways.push([...way, next]);
    }
  }
  return null;
}

/** What gets the rows of a relation: views over it, and tables that sinks over it write. */
function* readers({ oid }: Relation, catalog: CatalogSnapshot): Iterable<Relation> {
  for (const dependant of catalog.directDependants(oid)) {
    if (dependant.into === undefined) yield dependant;
    else if (reads(dependant, oid)) yield catalog.relationByOid(dependant.into)!;
  }
}

/** A sink depends on its table, too: last of all. */
function reads({ dependsOn, into }: RelationDraft, oid: number): boolean {
  return (into === undefined ? dependsOn : dependsOn.slice(0, -1)).includes(oid);
}
