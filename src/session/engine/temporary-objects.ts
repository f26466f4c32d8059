import { toSqlError } from '../../base/index.ts';
import { type CatalogSnapshot, isTemporarySchema, planDrop } from '../../catalog/index.ts';
import { subscriptionsFrom } from '../declared-subscriptions.ts';
import type { Engine } from './engine.ts';

/**
 * Drops what is left in the temporary schema of a session that has ended, and the schema. What something else still reads stays until a start that finds it read by
 * nobody: in Flink, too, a job goes on when the session that made its temporary tables is gone. A failure is logged: the next start tries again.
 */
export async function dropTemporaryObjects(schema: string, engine: Engine): Promise<void> {
  await orLogged(engine, async () => {
    await drop(abandoned(schema, engine.snapshot), { cascade: false }, engine);
    const own = engine.snapshot.schema(schema);
    if (own !== null && objectsIn(schema, engine.snapshot).length === 0) await engine.commitEntries([{ kind: 'drop-schema', oid: own.oid }]);
  });
}

/** The same for all sessions that have ever been. No session has begun yet. */
export async function dropAbandonedObjects(engine: Engine): Promise<void> {
  for (const { name } of [...engine.snapshot.schemas()].filter((schema) => isTemporarySchema(schema.name))) await dropTemporaryObjects(name, engine);
}

/**
 * Those of them that are there, with what depends on them: ON COMMIT DROP, as PostgreSQL does it. The transaction is committed whatever comes of it: a failure is
 * logged, and the end of the session tries again.
 */
export async function dropRelationsNamed(places: readonly { readonly schema: string; readonly name: string }[], engine: Engine): Promise<void> {
  const targets = places.flatMap(({ schema, name }) => engine.snapshot.relation(schema, name) ?? []);
  await orLogged(engine, () => drop(targets, { cascade: true }, engine));
}

async function orLogged({ logger }: Engine, work: () => Promise<void>): Promise<void> {
  await work().catch((error: unknown) => logger.log('warn', 'what was temporary could not be dropped', { error: toSqlError(error).message }));
}

async function drop(targets: Parameters<typeof planDrop>[1], { cascade }: { readonly cascade: boolean }, engine: Engine): Promise<void> {
  if (targets.length > 0) await engine.drop(planDrop(engine.snapshot, targets, { cascade, shown: ({ name }) => name }));
}

/** What nothing outside of the schema depends on, directly or not. */
function abandoned(schema: string, snapshot: CatalogSnapshot) {
  const objects = new Map(objectsIn(schema, snapshot).map((object) => [object.oid, object]));
  const isNeeded = (oid: number): boolean => {
    const relation = snapshot.relationByOid(oid);
    if (relation !== null && subscriptionsFrom(relation, snapshot).length > 0) return true;
    return [...snapshot.directDependants(oid), ...snapshot.functionsReading(oid)].some((dependant) => !objects.has(dependant.oid));
  };
  for (;;) {
    const needed = [...objects.keys()].filter(isNeeded);
    if (needed.length === 0) return [...objects.values()];
    for (const oid of needed) objects.delete(oid);
  }
}

function objectsIn(schema: string, snapshot: CatalogSnapshot) {
  return [...snapshot.relations(), ...snapshot.functions()].filter((object) => object.schema === schema);
}
