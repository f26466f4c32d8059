import type { CatalogEntry, CatalogSnapshot, Relation } from '../../catalog/index.ts';
import { heldForMs, subscriptionEntry, subscriptionsFrom } from '../declared-subscriptions.ts';
import { cancellable } from '../statement-context.ts';
import { hasSameRules } from './altered-rules.ts';
import type { Creation } from './definition-turns.ts';
import type { Definitions } from './definitions.ts';
import type { Engine } from './engine.ts';
import { refusePaused } from './paused-relations.ts';
import { hasJob, relationId } from './relation-jobs.ts';
import type { RetiredRelations } from './retired-relations.ts';
import { takenBack } from './taken-back.ts';

/** What definitions mean for the jobs that run. */
interface JobChanges {
  readonly before: CatalogSnapshot;
  readonly after: CatalogSnapshot;
  /** Relations whose jobs start, producers before their readers. */
  readonly started: readonly Relation[];
  /** Relations as they were whose jobs have successors, readers before their producers. */
  readonly replaced: readonly Relation[];
  /** The same of those that are gone. */
  readonly dropped: readonly Relation[];
}

/**
 * Makes definitions true: jobs run, with their rows, and their first checkpoint is durable, before one commit of the catalog names all of them, and jobs end
 * only behind it; so a crash leaves all of the definitions or nothing. Sinks into other systems get no row before that commit; one that fails behind it takes all of the definitions back. `more`: what that commit says besides. Aborted by `signal` nothing is left of them. Resolves to what has been replaced.
 */
export async function applyDefinitions(
  definitions: Definitions,
  { engine, retired, creation, more, signal }: Application,
): Promise<readonly Relation[]> {
  const changes = jobChanges(engine.snapshot, engine.catalog.preview(definitions.entries));
  refusePaused(changes.replaced, changes.before);
  if (changes.started.length > 0) await engine.catalog.reserveAllocated();
  const undo: (() => Promise<void>)[] = [];
  try {
    await startJobs(changes, definitions, { engine, undo, creation, signal });
    await exchangeSinks(changes, { engine, undo, creation, signal });
    await retired.end(retired.over(changes.dropped));
    const entries = [...definitions.entries, ...(await holdAnew(changes, engine)), ...more];
    await commitAndStartSinks(entries, changes, { engine, undo, creation, signal });
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw error;
  }
  await endJobs(changes, engine);
  await endTableSinks(changes, engine);
  forgetAltered(changes, engine);
  // Their readers go on with them; a sink has none, and has ended.
  const replaced = changes.replaced.filter((relation) => relation.kind !== 'sink');
  retired.add(replaced);
  return replaced;
}

/** Numbers of jobs are given in the order they are planned in: whatever reads another has the higher one. */
function jobChanges(before: CatalogSnapshot, after: CatalogSnapshot): JobChanges {
  const jobsOf = (snapshot: CatalogSnapshot) => new Map([...snapshot.userRelations()].filter(hasJob).map((one) => [relationId(one), one]));
  const running = jobsOf(before);
  const wanted = jobsOf(after);
  const number = (relation: Relation): number => Number(relationId(relation));
  const missing = (from: ReadonlyMap<string, Relation>, to: ReadonlyMap<string, Relation>): Relation[] =>
    [...from].flatMap(([id, relation]) => (to.has(id) ? [] : [relation])).sort((left, right) => number(left) - number(right));
  const ended = missing(running, wanted).reverse();
  const stays = ({ oid }: Relation): boolean => after.relationByOid(oid) !== null;
  return {
    before,
    after,
    started: missing(wanted, running),
    replaced: ended.filter(stays),
    dropped: ended.filter((relation) => !stays(relation)),
  };
}

export interface Application {
  readonly engine: Engine;
  readonly retired: RetiredRelations;
  /** Who asks how far they are; null: they create nothing. */
  readonly creation: Creation | null;
  readonly more: readonly CatalogEntry[];
  readonly signal?: AbortSignal | undefined;
}

interface Steps extends Pick<Application, 'engine' | 'creation' | 'signal'> {
  /** What takes back the steps so far, the last one first. */
  readonly undo: (() => Promise<void>)[];
}

async function startJobs({ started, before, after }: JobChanges, definitions: Definitions, { engine, undo, creation, signal }: Steps): Promise<void> {
  let ready = true;
  if (creation !== null) creation.relations = started;
  for (const relation of started) {
    if (relation.kind === 'sink') continue;
    const { graph, source } = engine.jobOf(relation, after, definitions.planOf(relation));
    const kept = definitions.keptBy(relation);
    if (kept !== null) kept.givenUp = !(await engine.cluster.takeOver(graph, kept.takeover));
    if (kept === null || kept.givenUp) await engine.cluster.deploy(graph, source, { signal });
    undo.push(() => engine.cluster.drop(graph.jobId));
    // What reads the table is started over its rows.
    const rows = definitions.rowsOf(relation);
    if (rows.length > 0) await engine.tables.fill(relation, rows);
    if (rows.length > 0 || relation.kind === 'materialized view' || before.relationByOid(relation.oid) !== null) ready = false;
  }
  if (ready) return;
  if (creation !== null && !started.some(({ kind }) => kind === 'sink')) creation.stage = 'publishing';
  await cancellable(engine.cluster.checkpoint(), signal);
}

/**
 * Two sinks would write one topic, so the old ones stand still first. They keep their state until the commit, however many checkpoints come before it: after a crash or an error they go
 * on where they were and send nothing twice. What new ones have for tables waits for the commit, so they run before it.
 */
async function exchangeSinks({ started, replaced, dropped, after }: JobChanges, { engine, undo, signal }: Steps): Promise<void> {
  const sinks = started.filter(({ kind }) => kind === 'sink');
  if (sinks.length === 0) return;
  const next = sinks.filter(({ into }) => into !== undefined).map((relation) => engine.jobOf(relation, after));
  const old = [...replaced, ...dropped].filter(({ kind }) => kind === 'sink');
  if (old.length > 0) await engine.cluster.checkpoint();
  const states = new Map(engine.cluster.jobs().map(({ jobId, state }) => [jobId, state]));
  const running = old.map(relationId).filter((jobId) => states.get(jobId) === 'RUNNING');
  await engine.cluster.pause(running);
  undo.push(() => engine.cluster.resume(running));
  for (const { graph, source } of next) {
    await engine.cluster.deploy(graph, source, { signal });
    undo.push(async () => {
      await engine.cluster.drop(graph.jobId);
      await engine.tableSinks.forget(graph.jobId);
    });
  }
}

/**
 * The commit of the catalog. New sinks into other systems stand ready behind it with no row out: what they have sent would come again from a sink that is made once more, had a crash left
 * them without a name. The first of them has its slots and tasks by then.
 */
async function commitAndStartSinks(entries: readonly CatalogEntry[], { started, after }: JobChanges, { engine, undo, signal }: Steps): Promise<void> {
  const { catalog, cluster, logger } = engine;
  let named = false;
  const commit = async (): Promise<void> => {
    if (named) return;
    signal?.throwIfAborted();
    const before = catalog.snapshot;
    await catalog.commit(entries);
    named = true;
    undo.push(async () => {
      await catalog.commit(takenBack(entries, before)).catch((error: unknown) => {
        logger.log('error', 'definitions whose sink could not begin stay in the catalog, and the next start makes them true', { error });
        throw error;
      });
    });
  };
  for (const relation of started.filter(({ kind, into }) => kind === 'sink' && into === undefined)) {
    const { graph, source } = engine.jobOf(relation, after);
    await cluster.deploy(graph, source, { signal, beforeRows: commit });
    undo.push(() => cluster.drop(graph.jobId));
  }
  await commit();
}

/** What sinks that have ended had for tables is let go, and those that have begun may write. */
async function endTableSinks({ replaced, dropped }: JobChanges, { tableSinks, logger }: Engine): Promise<void> {
  tableSinks.catalogChanged();
  for (const relation of [...replaced, ...dropped]) {
    if (relation.into === undefined) continue;
    const failed = (error: unknown): void => logger.log('warn', 'what a sink has written could not be forgotten', { error });
    await tableSinks.forget(relationId(relation)).catch(failed);
  }
}

/** Holds the changes of relations that take the place of others for those who follow their subscriptions, which begin anew. */
async function holdAnew({ started, before }: JobChanges, { cluster }: Engine): Promise<CatalogEntry[]> {
  const begun: CatalogEntry[] = [];
  for (const relation of started) {
    const forMs = heldForMs(relation, before);
    if (forMs === null) continue;
    const sinceMicros = Number(await cluster.holdChanges(relationId(relation), forMs));
    begun.push(...subscriptionsFrom(relation, before).map((one) => subscriptionEntry({ ...one, sinceMicros })));
  }
  return begun;
}

async function endJobs({ dropped, replaced }: JobChanges, { cluster, tables }: Engine): Promise<void> {
  for (const relation of replaced) if (relation.kind === 'sink') await cluster.drop(relationId(relation));
  for (const relation of dropped) {
    await cluster.drop(relationId(relation));
    tables.forget(relation);
  }
}

/** What writers and slots know of relations that have other rules or indexes now is let go. */
function forgetAltered({ before, after }: JobChanges, { cluster, tables }: Engine): void {
  for (const old of before.userRelations()) {
    const now = after.relationByOid(old.oid);
    if (now === null || now === old || relationId(now) !== relationId(old)) continue;
    if (!hasSameRules(now, old)) tables.forget(old);
    for (const index of old.indexes ?? []) if (!now.indexes?.includes(index)) cluster.dropIndex(relationId(old), index.columns);
  }
}
