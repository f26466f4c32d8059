import { assert, type Clock, type Logger, SqlError, SqlState } from '../../base/index.ts';
import type { Catalog, CatalogEntry, CatalogSnapshot, DropPlan, Relation, RelationIndex } from '../../catalog/index.ts';
import { type Cluster, type JobRequest, type PinnedEpoch, UnclaimedState } from '../../cluster/index.ts';
import type { BoundQuery, PhysicalPlan } from '../../plan/index.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import { type DeclaredSubscription, heldForMs, subscriptionEntry, subscriptionGone } from '../declared-subscriptions.ts';
import { AcceptedDefinitions } from './accepted-definitions.ts';
import { type Application, applyDefinitions } from './apply-definitions.ts';
import type { CheckedPlan } from './checked-plan.ts';
import { createAside } from './create-aside.ts';
import { type Creation, DefinitionTurns } from './definition-turns.ts';
import { type Definer, Definitions, type Replacement } from './definitions.ts';
import { withReaders } from './dependants.ts';
import type { EngineParts, EngineRegistries } from './engine-parts.ts';
import { IdentityCounters } from './identity-counters.ts';
import { parallelismEntry, partsFor } from './job-parallelism.ts';
import { isPaused, pausedEntry, refusePaused } from './paused-relations.ts';
import { requireSameJobs } from './plan-rename.ts';
import type { ReplacementPlan } from './plan-replacement.ts';
import { Readers } from './readers.ts';
import { rebuildWithoutState } from './rebuilt-relations.ts';
import { continuousPlan, hasContent, hasJob, type RelationJob, relationId, sinkJob, sinkPlan, sourceJob, viewJob } from './relation-jobs.ts';
import { RetiredRelations } from './retired-relations.ts';
import { type SavepointRequest, Savepoints, type TakenSavepoint, takeSavepoint } from './savepoints.ts';
import { StatementBinder } from './statement-binder.ts';
import type { SystemTables } from './system-tables.ts';
import type { TableChanges } from './table-content.ts';
import { TableSinks } from './table-sinks.ts';
import { TableStore } from './table-store.ts';
import { unnamedView } from './unnamed-view.ts';
import { marked, rowsWrittenEntry, unwrittenRowsEntry, writeUnwrittenRows } from './unwritten-rows.ts';

/** How a definition that has been accepted is made. */
interface AcceptedCreation {
  /** Of an earlier attempt whose work is still there; null: it gets one. */
  readonly oid: number | null;
  /** Called with the number it gets, before anything runs under that. */
  readonly numbered: (oid: number) => Promise<unknown>;
  /** Says that it is accepted no more. */
  readonly gone: CatalogEntry;
  readonly creation: Creation;
  readonly signal: AbortSignal;
}

/** How definitions are made. */
interface Defining {
  readonly creation?: Creation | null;
  readonly signal?: AbortSignal | undefined;
  readonly inQuiet?: boolean;
}

/** How long to wait before rows are written again for which the disk had no room. */
const DISK_FULL_WAIT_MS = 1000;

/** What exists once the cluster runs. */
interface RunningEngine {
  readonly cluster: Cluster;
  readonly tables: TableStore;
  /** The start has seen to rows that a COMMIT of definitions had left. */
  readonly leftOver: boolean;
}

/**
 * What all sessions share: the catalog, the cluster that runs its jobs, the writers of stored tables. Data definition is done here, one statement
 * at a time: a job runs and its first checkpoint is durable before the catalog's log names it, so a crash leaves either all of an object or nothing.
 */
export class Engine implements Definer {
  readonly parts: EngineParts;
  readonly catalog: Catalog;
  readonly system: SystemTables;
  #running: RunningEngine | null = null;
  readonly turns = new DefinitionTurns();
  readonly #background = new Set<Promise<unknown>>();
  readonly readers = new Readers();
  readonly identities: IdentityCounters;
  readonly savepoints: Savepoints;
  readonly tableSinks: TableSinks;
  readonly accepted = new AcceptedDefinitions(this);
  readonly #retired = new RetiredRelations(async (relation) => {
    await this.cluster.drop(relationId(relation));
    this.tables.forget(relation);
  });

  constructor(parts: EngineParts, catalog: Catalog, system: SystemTables) {
    this.parts = parts;
    this.catalog = catalog;
    this.system = system;
    this.identities = new IdentityCounters(catalog);
    this.savepoints = new Savepoints(parts.clock);
    this.tableSinks = new TableSinks(this);
  }

  get cluster(): Cluster {
    return this.#required().cluster;
  }

  get tables(): TableStore {
    return this.#required().tables;
  }

  get clock(): Clock {
    return this.parts.clock;
  }

  get logger(): Logger {
    return this.parts.logger;
  }

  get registries(): EngineRegistries {
    return this.parts.registries;
  }

  get parallelism(): number {
    return this.parts.parallelism;
  }

  get snapshot(): CatalogSnapshot {
    return this.catalog.snapshot;
  }

  /** Position of the last record of the embedded log: a new table reads behind it, what is in it belongs to others. */
  logPosition(): number {
    return this.parts.embeddedLog.lastPosition();
  }

  /** Ids of everything in `catalog` that a transaction may read: what has been replaced since goes on until it ends, what was dropped is gone. */
  readableRelations(catalog: CatalogSnapshot): string[] {
    const isThere = ({ oid }: Relation): boolean => this.snapshot.relationByOid(oid) !== null;
    return [...catalog.relations()].filter((relation) => hasContent(relation) && isThere(relation)).map(relationId);
  }

  /** Resolves when background DDL running now is done. */
  async backgroundWork(): Promise<void> {
    await Promise.all([this.accepted.settled(), ...this.#background]);
  }

  /** Starts the cluster with every job of the catalog. */
  async start(): Promise<void> {
    const leftOver = await writeUnwrittenRows(this.snapshot, this.parts.embeddedLog);
    if (leftOver) await this.catalog.commit([rowsWrittenEntry]);
    const { startCluster, allowDroppedState = false } = this.parts;
    const cluster = await startCluster(this.#jobs(), { countsDropped: false }).catch(async (error: unknown) => {
      if (!allowDroppedState || !(error instanceof UnclaimedState)) throw error;
      await rebuildWithoutState(error, this);
      return startCluster(this.#jobs(), { countsDropped: true });
    });
    const { clock, embeddedLog } = this.parts;
    this.#running = { cluster, tables: new TableStore(cluster, { clock, afresh: embeddedLog.lastPosition() === 0 }), leftOver };
    this.tableSinks.start();
    this.accepted.start();
  }

  /** Pins an epoch from `atLeast` on that shows, of what a COMMIT before this start has left half done, the rows with the definitions. */
  async pin(relations: readonly string[], atLeast: number): Promise<PinnedEpoch> {
    const { cluster, tables, leftOver } = this.#required();
    return cluster.pin(relations, leftOver ? Math.max(atLeast, await tables.caughtUpEpoch()) : atLeast);
  }

  #jobs(): JobRequest[] {
    const { snapshot } = this;
    const relations = [...snapshot.userRelations()].filter(hasJob).sort((left, right) => left.oid - right.oid);
    return relations.map((relation) => ({
      ...this.jobOf(relation),
      paused: isPaused(relation, snapshot),
      heldForMs: heldForMs(relation, snapshot),
    }));
  }

  /** Makes a checkpoint, so that the next start has nothing to replay, and stops everything. While a job restarts there is none, and nothing is lost by it. */
  async close(): Promise<void> {
    const { cluster } = this.#required();
    this.tableSinks.close();
    this.accepted.close();
    try {
      const made = await cluster.attemptCheckpoint();
      if (made === null) this.parts.logger.log('warn', 'no checkpoint at the end: a job was about to restart');
    } finally {
      await cluster.close();
    }
  }

  /** The job of a relation, planned from its text unless its plan is known. */
  jobOf(relation: Relation, snapshot: CatalogSnapshot = this.snapshot, plan: PhysicalPlan | null = null): RelationJob {
    const parts = partsFor(relation, snapshot, this.parts);
    return plan === null ? this.#planJob(relation, snapshot, parts) : viewJob(relation, plan, parts);
  }

  #planJob(relation: Relation, snapshot: CatalogSnapshot, parts: EngineParts): RelationJob {
    const binder = StatementBinder.forCatalog(this, snapshot.storedReader(relation), { dependsOn: relation.dependsOn });
    if (relation.kind === 'stream' || relation.kind === 'table') return sourceJob(relation, parts, binder);
    const query = binder.continuousQueryText(relation.query!);
    if (relation.kind === 'sink') {
      const target = { options: relation.options!, key: relation.primaryKey };
      return sinkJob(relation, sinkPlan(query, target, parts), parts);
    }
    return viewJob(relation, continuousPlan(query, query.emit ?? 'on-update', parts), parts);
  }

  /** How many subtasks the relation's job has from now on; null: as many as there are slots. Errors: 53000. */
  async setParallelism(relation: Relation, parallelism: number | null, signal: AbortSignal): Promise<void> {
    await this.#inQuiet(async () => {
      const entry = parallelismEntry(relation, parallelism);
      const after = this.catalog.preview([entry]);
      await this.cluster.rescale(this.#planJob(relation, after, { ...this.parts, parallelism: parallelism ?? this.parts.parallelism }));
      await this.catalog.commit([entry]);
    }, signal);
  }

  /** Other options for a relation: its job goes on from a checkpoint. Errors: 55000, 0A000 when its state would not be found again. */
  async alterOptions(relation: Relation, signal: AbortSignal): Promise<void> {
    await this.#inQuiet(async () => {
      const before = this.snapshot;
      const entry: CatalogEntry = { kind: 'put-relation', relation };
      const after = this.catalog.preview([entry]);
      requireSameJobs(before, after, { relations: [relation], engine: this });
      if (hasJob(relation)) await this.cluster.rescale(this.jobOf(relation, after));
      await this.catalog.commit([entry]);
    }, signal);
  }

  /** The entry changes how systems are reached: the jobs of what is reached so go on from a checkpoint, under it. Errors: 55000 while one is paused. */
  async alterConnection(entry: CatalogEntry, users: readonly Relation[], signal: AbortSignal): Promise<void> {
    await this.#inQuiet(async () => {
      refusePaused(users, this.snapshot);
      await this.catalog.commit([entry]);
      for (const relation of users.filter(hasJob)) await this.cluster.rescale(this.jobOf(relation));
    }, signal);
  }

  /** The jobs of these relations stand still, and those of what reads them: all of them are given back. Errors: 55000. */
  async pause(relations: readonly Relation[], signal?: AbortSignal): Promise<readonly Relation[]> {
    return this.#inQuiet(async () => {
      const all = withReaders(relations, this.snapshot).filter(hasJob);
      const still = all.filter((relation) => !isPaused(relation, this.snapshot));
      await this.#notePaused(still, { paused: true, change: () => this.cluster.pause(all.map(relationId)) });
      return still;
    }, signal);
  }

  /** What was paused with these relations, or by itself, goes on. Errors: 55000 when something that one reads stays paused. */
  async resume(relations: readonly Relation[], signal?: AbortSignal): Promise<readonly Relation[]> {
    return this.#exclusively(async () => {
      const all = withReaders(relations, this.snapshot).filter(hasJob);
      const paused = all.filter((relation) => isPaused(relation, this.snapshot));
      await this.#notePaused(paused, { paused: false, change: () => this.cluster.resume(all.map(relationId)) });
      return paused;
    }, signal);
  }

  /**
   * The catalog first: while it cannot be written no job is touched, and whatever stops the server behind it, the next start makes the jobs what it says. `change` is
   * asked about all jobs, also those of which the catalog says so already: after a stop in between they may not be there yet.
   */
  async #notePaused(
    relations: readonly Relation[],
    { paused, change }: { readonly paused: boolean; readonly change: () => Promise<void> },
  ): Promise<void> {
    await this.catalog.commit(relations.map((relation) => pausedEntry(relation, paused)));
    try {
      await change();
    } catch (error) {
      await this.catalog.commit(relations.map((relation) => pausedEntry(relation, !paused)));
      throw error;
    }
  }

  /** Changes of the relation are held from now on for those who follow the subscription. */
  async subscribe(draft: Omit<DeclaredSubscription, 'sinceMicros'>, signal: AbortSignal): Promise<void> {
    await this.#exclusively(async () => {
      const { relation } = draft;
      const after = this.catalog.preview([subscriptionEntry({ ...draft, sinceMicros: 0 })]);
      const sinceMicros = Number(await this.cluster.holdChanges(relationId(relation), heldForMs(relation, after)));
      await this.catalog.commit([subscriptionEntry({ ...draft, sinceMicros })]);
    }, signal);
  }

  async unsubscribe(subscription: DeclaredSubscription, signal: AbortSignal): Promise<void> {
    await this.#exclusively(async () => {
      const { relation } = subscription;
      await this.catalog.commit([subscriptionGone(subscription)]);
      await this.cluster.holdChanges(relationId(relation), heldForMs(relation, this.snapshot));
    }, signal);
  }

  create(draft: RelationDraft, checked: CheckedPlan | null = null, signal?: AbortSignal): Promise<Relation> {
    const creation = this.creation([draft]);
    if (draft.kind === 'materialized view') return this.turns.listed(creation, () => createAside(draft, { engine: this, creation, checked, signal }));
    return this.turns.listed(creation, () => this.#define((definitions) => definitions.create(draft, checked), { creation, signal }));
  }

  /** Creates what has been accepted: the commit that names it says that it is accepted no more. */
  async createAccepted(draft: RelationDraft, { oid, numbered, gone, creation, signal }: AcceptedCreation): Promise<void> {
    await createAside(draft, { engine: this, creation, attempt: { oid, numbered }, more: [gone], signal });
  }

  /** To be listed while it is made. */
  creation(places: Creation['places'], inBackground = false): Creation {
    return { places, inBackground, startedAtMicros: this.clock.nowMicros(), stage: 'waiting', behind: null, relations: [], error: null };
  }

  /** Runs `work` beside the session that asked for it; WAIT waits for it. Its failure is logged. */
  inBackground(work: Promise<unknown>, what: string): void {
    const tracked = work
      .catch((error: unknown) => this.logger.log('error', `${what} failed`, { error }))
      .finally(() => this.#background.delete(tracked));
    this.#background.add(tracked);
  }

  replace(oid: number, draft: RelationDraft, { rows = [], signal }: Replacement = {}): Promise<ReplacementPlan> {
    const creation = this.creation([draft]);
    const plan = (definitions: Definitions): ReplacementPlan => definitions.replace(oid, draft, rows);
    return this.turns.listed(creation, () => this.#define(plan, { creation, signal, inQuiet: true }));
  }

  drop(plan: Pick<DropPlan, 'relations' | 'functions'>, signal?: AbortSignal): Promise<void> {
    return this.#define((definitions) => definitions.drop(plan), { signal });
  }

  /** A view without a name for one read or subscription; `close` ends its job. */
  async temporaryView(query: BoundQuery, plan: PhysicalPlan, signal: AbortSignal): Promise<{ readonly relation: Relation; close(): Promise<void> }> {
    const oid = this.catalog.allocateOid();
    const { uniqueKeys, appendOnly } = plan;
    const relation = unnamedView(query, { oid, schema: 'pg_temp', name: `temporary_${oid}`, uniqueKeys, appendOnly });
    const job = viewJob(relation, plan, this.parts);
    await this.catalog.reserveAllocated();
    await this.cluster.deploy(job.graph, null, { signal });
    return { relation, close: () => this.cluster.drop(job.graph.jobId) };
  }

  rename(relations: readonly Relation[], signal?: AbortSignal): Promise<void> {
    return this.#define((definitions) => definitions.rename(relations), { signal });
  }

  alterRules(old: Relation, draft: RelationDraft, signal?: AbortSignal): Promise<void> {
    return this.#define((definitions) => definitions.alterRules(old, draft), { signal });
  }

  changeIndexes(oid: number, change: (relation: Relation) => readonly RelationIndex[], signal?: AbortSignal): Promise<void> {
    return this.#define((definitions) => definitions.changeIndexes(oid, change), { signal });
  }

  commitEntries(entries: readonly CatalogEntry[], signal?: AbortSignal): Promise<void> {
    return this.#define((definitions) => definitions.put(entries), { signal });
  }

  /**
   * The definitions of a transaction block and its rows in relations that were there before, all or none: resolves to the epoch from which the rows are
   * visible, null without any. Errors: 40001 when something they are about has been changed meanwhile, 54000 for too many rows.
   */
  commitBlock(definitions: Definitions, changes: readonly TableChanges[], readEpoch: number | null): Promise<number | null> {
    const places = definitions.entries.flatMap((entry) => (entry.kind === 'put-relation' ? [entry.relation] : []));
    const creation = this.creation(places);
    const commit = async (): Promise<number | null> => {
      definitions.requireUnchanged(this.snapshot);
      if (changes.length === 0) {
        await this.#apply(definitions, { creation });
        return null;
      }
      const prepared = marked(await this.tables.prepare(changes, readEpoch), this.catalog.allocateOid());
      try {
        await this.#apply(definitions, { creation, more: [unwrittenRowsEntry(prepared, this.snapshot, this.logPosition())] });
      } catch (error) {
        this.tables.abandon(prepared);
        throw error;
      }
      const epoch = await this.#untilThereIsRoom(() => this.tables.write(prepared));
      // The catalog must not say for long that they are not: once the log has let go of their record, a start would write them again.
      await this.#untilThereIsRoom(() => this.catalog.commit([rowsWrittenEntry]));
      return epoch;
    };
    const { subject, replacesJobs } = definitions;
    return this.turns.listed(creation, () => {
      return replacesJobs
        ? this.turns.takeInQuiet(commit, { creation })
        : this.turns.take(commit, { creation, inTheWay: () => this.turns.inTheWayOf(subject) });
    });
  }

  /** For rows that the catalog has committed to: a full disk is waited for. After any other error the next start writes them. */
  async #untilThereIsRoom<Result>(write: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        if (!(error instanceof SqlError) || error.code !== SqlState.diskFull) throw error;
        this.logger.log('error', 'the rows of a committed transaction wait for room on the disk', { error });
        await new Promise<void>((resolve) => this.clock.after(DISK_FULL_WAIT_MS, resolve));
      }
    }
  }

  /** What the jobs of these sinks hold back comes out and is committed; their jobs are FINISHED then. Errors: 55000 for one that does not run. */
  async drain(sinks: readonly Relation[], signal?: AbortSignal): Promise<void> {
    await this.#inQuiet(() => this.cluster.drain(sinks.map(relationId)), signal);
  }

  /** Everything as a directory of files that its owner keeps. Errors: 55000 for one that is not empty, 53100, 42501, 58030. */
  savepoint(request: SavepointRequest, signal?: AbortSignal): Promise<TakenSavepoint> {
    const path = this.parts.savepoints.absolute(request.path);
    return this.#exclusively(() => this.savepoints.noted({ ...request, path }, () => takeSavepoint(this, { ...request, path })), signal);
  }

  #required(): RunningEngine {
    assert(this.#running !== null, 'the engine has been started');
    return this.#running;
  }

  /** Makes the definitions that `plan` gives true at once. `inQuiet`: they need all jobs to run. */
  #define<Result>(plan: (definitions: Definitions) => Result, { creation = null, signal, inQuiet = false }: Defining = {}): Promise<Result> {
    const planned = () => {
      const definitions = new Definitions(this, this.snapshot);
      return { definitions, result: plan(definitions) };
    };
    const define = async ({ definitions, result }: ReturnType<typeof planned>): Promise<Result> => {
      await this.#apply(definitions, { creation, signal });
      return result;
    };
    if (inQuiet) return this.turns.takeInQuiet(async () => define(planned()), { creation, signal });
    let now: ReturnType<typeof planned>;
    const inTheWay = () => {
      now = planned();
      return this.turns.inTheWayOf(now.definitions.subject);
    };
    return this.turns.take(() => define(now), { creation, signal, inTheWay });
  }

  /** What was replaced goes on until everybody who may be reading it now has left. */
  async #apply(
    definitions: Definitions,
    { creation, more = [], signal }: Pick<Application, 'creation' | 'signal'> & { readonly more?: readonly CatalogEntry[] },
  ): Promise<void> {
    const replaced = await applyDefinitions(definitions, { engine: this, retired: this.#retired, creation, more, signal });
    if (replaced.length === 0) return;
    this.readers
      .gone()
      .then(() => this.#exclusively(() => this.#retired.end(replaced)))
      .catch((error: unknown) => this.logger.log('error', 'replaced jobs could not be ended', { error }));
  }

  /** As #exclusively, for what needs all jobs to run. */
  #inQuiet<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    return this.turns.takeInQuiet(work, { signal });
  }

  /** One after another. What `signal` aborts before its turn is not done, and is waited for no longer; behind that it only tells `work`. */
  #exclusively<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    return this.turns.take(work, { signal });
  }
}
