import { type CatalogEntry, type CatalogSnapshot, type Relation, storageOf } from '../../catalog/index.ts';
import type { UnclaimedState } from '../../cluster/index.ts';
import { relationsAfter } from './dependants.ts';
import type { Engine } from './engine.ts';
import { hasJob } from './relation-jobs.ts';

/**
 * Gives relations whose state is not read any more, and everything that reads them, rows and jobs of new numbers: they are built anew from their inputs, as a
 * replaced relation is. Throws `error` when one of them is the only place of its rows.
 */
export async function rebuildWithoutState(error: UnclaimedState, engine: Engine): Promise<void> {
  const { catalog, logger } = engine;
  const before = engine.snapshot;
  const dropped = error.jobs.map((job) => before.relationByStorage(Number(job))).filter((relation) => relation !== null);
  if (dropped.some((relation) => isStored(relation))) throw error;
  const rebuilt = withReaders(dropped, before);
  const entries = rebuilt.map((relation): CatalogEntry => ({ kind: 'put-relation', relation: anew(relation, engine) }));
  await catalog.commit(entries);
  logger.log('warn', 'state was dropped: these are built anew from their inputs', {
    relations: rebuilt.map(({ name }) => name).join(', '),
    dropped: error.detail,
  });
}

/** The same relation with rows and a job of its own: nothing of what it had counts. */
export function anew(relation: Relation, { catalog }: Engine): Relation {
  const { storage: _, ...rest } = relation;
  if (!hasJob(rest)) return rest;
  return { ...rest, storage: { ...storageOf(rest), number: catalog.allocateOid() } };
}

/** What was written into it is nowhere else. */
function isStored(relation: Relation): boolean {
  return (relation.kind === 'table' || relation.kind === 'stream') && relation.options === null;
}

function withReaders(relations: readonly Relation[], snapshot: CatalogSnapshot): Relation[] {
  const all = new Map(relations.flatMap((relation) => [relation, ...relationsAfter(snapshot, relation.oid)]).map((one) => [one.oid, one]));
  return [...all.values()].filter(hasJob);
}
