import { Catalog, type Relation } from '../../catalog/index.ts';
import type { Cluster } from '../../cluster/index.ts';
import { withConnection } from '../connections.ts';
import { withSecrets } from '../named-values.ts';
import { backfillRows } from './backfill-rows.ts';
import { builtFrom } from './built-from.ts';
import { Engine } from './engine.ts';
import type { EngineParts } from './engine-parts.ts';
import { lockRows } from './lock-rows.ts';
import { namedJobs } from './named-jobs.ts';
import { savepointRow } from './savepoints.ts';
import { SystemTables } from './system-tables.ts';
import { dropAbandonedObjects } from './temporary-objects.ts';

/** Reads the catalog, starts what it names, and is ready when every job runs from its restored state. */
export async function openEngine(parts: EngineParts): Promise<Engine> {
  const relationOf = (relationId: string): Relation | null => catalog.snapshot.relationByStorage(Number(relationId));
  const system: SystemTables = new SystemTables(parts.registries, {
    cluster: (): Cluster => engine.cluster,
    jobs: () => namedJobs(engine),
    relationOf,
    originOf: (relationId) => {
      const relation = relationOf(relationId);
      return relation === null ? [] : builtFrom(relation, catalog.snapshot);
    },
    activity: parts.activity ?? (() => []),
    locks: () => lockRows(engine.tables.locks.entries()),
    savepoints: () => engine.savepoints.entries.map(savepointRow),
    backfills: () => backfillRows(engine),
  });
  const catalog = Catalog.open(parts.catalogLog, system.relations);
  const engine: Engine = new Engine(
    { ...parts, bindConnector: (options) => parts.bindConnector(withSecrets(withConnection(options, catalog.snapshot), catalog.snapshot)) },
    catalog,
    system,
  );
  await engine.start();
  // Sessions need not wait for it: no two have ever had the same schema.
  engine.inBackground(dropAbandonedObjects(engine), 'dropping what was temporary');
  return engine;
}
