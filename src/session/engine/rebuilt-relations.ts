import { type CatalogEntry, type Relation, storageOf } from '../../catalog/index.ts';
import type { UnclaimedState } from '../../cluster/index.ts';
import { withReaders } from './dependants.ts';
import type { Engine } from './engine.ts';
import { hasJob, isStored } from './relation-jobs.ts';

/**
 * Gives relations whose state is not read any more, and everything that reads them, rows and jobs of new numbers: they are built anew from their inputs, as a
 * replaced relation is. Throws `error` when one of them is the only place of its rows.
 */
export async function rebuildWithoutState(error: UnclaimedState, engine: Engine): Promise<void> {
  const { catalog, logger } = engine;
  const before = engine.snapshot;
  const dropped = error.jobs.map((job) => before.relationByStorage(Number(job))).filter((relation) => relation !== null);
  if (dropped.some(isStored)) throw error;
  const rebuilt = withReaders(dropped, before).filter(hasJob);
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
