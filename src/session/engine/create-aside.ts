import type { CatalogEntry, CatalogSnapshot, Relation } from '../../catalog/index.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import { cancellable } from '../statement-context.ts';
import type { CheckedPlan } from './checked-plan.ts';
import { type Creation, placeKey } from './definition-turns.ts';
import { Definitions } from './definitions.ts';
import type { Engine } from './engine.ts';
import type { RelationJob } from './relation-jobs.ts';

export interface CreationAside {
  readonly engine: Engine;
  readonly creation: Creation;
  /** How its query has been planned, which is taken as it is where it holds. */
  readonly checked?: CheckedPlan | null;
  /** Of one that is begun again after a crash. `oid`: that of an earlier attempt whose work is still there, or null; `numbered` makes durable which one it gets. */
  readonly attempt?: { readonly oid: number | null; readonly numbered: (oid: number) => Promise<unknown> };
  /** What the commit that names it says besides. */
  readonly more?: readonly CatalogEntry[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Creates a materialized view. It may have to read for hours what there is, so it has two turns only, one in which it is planned and one in which the catalog
 * names it. Between them others define what they like, unless it is about something that the view reads, or its name: they wait for it, and it is as it was planned.
 * A crash or an error before the second one leaves nothing.
 */
export async function createAside(
  draft: RelationDraft,
  { engine, creation, checked = null, attempt, more = [], signal }: CreationAside,
): Promise<Relation> {
  const { turns, catalog, cluster } = engine;
  const places = new Set([placeKey(draft)]);

  async function named(definitions: Definitions, { graph, source }: RelationJob): Promise<void> {
    await cluster.deploy(graph, source, { signal, resumes: attempt !== undefined });
    const name = async (): Promise<void> => {
      signal?.throwIfAborted();
      await catalog.commit(definitions.entries);
    };
    try {
      creation.stage = 'publishing';
      // A start behind the commit would have to read everything again, and all jobs would wait for that.
      await cancellable(cluster.checkpoint(), signal);
      await turns.take(name, { creation, signal });
    } catch (error) {
      await cluster.drop(graph.jobId);
      throw error;
    }
  }

  const begin = async () => {
    const definitions = new Definitions(engine, engine.snapshot);
    const relation = definitions.create(draft, checked, attempt?.oid);
    definitions.put(more);
    if (typeof attempt?.oid !== 'number') {
      await catalog.reserveAllocated();
      await attempt?.numbered(relation.oid);
    }
    const job = engine.jobOf(relation, definitions.snapshot, definitions.planOf(relation));
    creation.relations = [relation];
    const made = turns.aside({ creation, subject: { oids: readBy(relation, definitions.snapshot), places } }, () => named(definitions, job));
    // Whoever awaits it learns of it.
    made.catch(() => undefined);
    return { relation, made };
  };
  const inTheWay = () => turns.inTheWayOfAside() ?? turns.inTheWayOf({ oids: new Set(), places });
  const { relation, made } = await turns.take(begin, { creation, signal, inTheWay });
  await made;
  return relation;
}

/** Everything that it is made of, directly or not. */
function readBy(relation: Relation, snapshot: CatalogSnapshot): Set<number> {
  const found = new Set<number>();
  const open = [...relation.dependsOn];
  for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
    if (found.has(oid)) continue;
    found.add(oid);
    open.push(...((snapshot.relationByOid(oid) ?? snapshot.functionByOid(oid))?.dependsOn ?? []));
  }
  return found;
}
