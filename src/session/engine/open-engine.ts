import { Catalog } from '../../catalog/index.ts';
import { Engine } from './engine.ts';
import type { EngineParts } from './engine-parts.ts';
import { SystemTables } from './system-tables.ts';

/** Reads the catalog, starts what it names, and is ready when every job runs from its restored state. */
export async function openEngine(parts: EngineParts): Promise<Engine> {
  const nameOf = (relationId: string): string => catalog.snapshot.relationByOid(Number(relationId))?.name ?? relationId;
  const system = new SystemTables(parts.registries, () => parts.cluster, nameOf);
  const catalog = Catalog.open(parts.catalogLog, system.relations);
  const engine = new Engine(parts, catalog, system);
  await engine.restoreJobs();
  return engine;
}
