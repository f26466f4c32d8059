import { assert, type Clock, type Logger, SqlError, SqlState } from '../../base/index.ts';
import type { Catalog, CatalogEntry, CatalogSnapshot, DropPlan, Relation, RelationIndex } from '../../catalog/index.ts';
import { type Cluster, type JobRequest, UnclaimedState } from '../../cluster/index.ts';
import type { BoundQuery, PhysicalPlan } from '../../plan/index.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import { type DeclaredSubscription, heldForMs, subscriptionEntry, subscriptionGone, subscriptionsFrom } from '../declared-subscriptions.ts';
import { alteredRules } from './altered-rules.ts';
import type { EngineParts, EngineRegistries } from './engine-parts.ts';
import { IdentityCounters } from './identity-counters.ts';
import { parallelismEntry, partsFor } from './job-parallelism.ts';
import { isPaused, pausedEntry, refusePaused, withReaders } from './paused-relations.ts';
import { planRename, renameEntries } from './plan-rename.ts';
import { planReplacement, type ReplacementPlan } from './plan-replacement.ts';
import { Readers } from './readers.ts';
import { rebuildWithoutState } from './rebuilt-relations.ts';
import { continuousPlan, hasContent, hasJob, type RelationJob, relationId, sinkJob, sinkPlan, sourceJob, viewJob } from './relation-jobs.ts';
import { type SavepointRequest, Savepoints, type TakenSavepoint, takeSavepoint } from './savepoints.ts';
import { StatementBinder } from './statement-binder.ts';
import type { SystemTables } from './system-tables.ts';
import type { Row } from './table-content.ts';
import { TableStore } from './table-store.ts';
import { unnamedView } from './unnamed-view.ts';

/** What exists once the cluster runs. */
interface RunningEngine {
  readonly cluster: Cluster;
  readonly tables: TableStore;
}

/**
 * What all sessions share: the catalog, the cluster that runs its jobs, the writers of stored tables. Data definition is done here, one statement
 * at a time: a job runs and its first checkpoint is durable before the catalog's log names it, so a crash leaves either all of an object or nothing.
 */
export class Engine {
  readonly parts: EngineParts;
  readonly catalog: Catalog;
  readonly system: SystemTables;
  #running: RunningEngine | null = null;
  #definition: Promise<unknown> = Promise.resolve();
  readonly #background = new Set<Promise<unknown>>();
  readonly readers = new Readers();
  readonly identities: IdentityCounters;
  readonly savepoints: Savepoints;
  /** Replaced relations whose jobs still have readers, dependants first. */
  readonly #retiring = new Set<Relation>();

  constructor(parts: EngineParts, catalog: Catalog, system: SystemTables) {
    this.parts = parts;
    this.catalog = catalog;
    this.system = system;
    this.identities = new IdentityCounters(catalog);
    this.savepoints = new Savepoints(parts.clock);
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

  /** Ids of everything a transaction may read. */
  readableRelations(): string[] {
    return [...this.snapshot.relations()].filter(hasContent).map(relationId);
  }

  /** Resolves when background DDL running now is done. */
  async backgroundWork(): Promise<void> {
    await Promise.all(this.#background);
  }

  /** Starts the cluster with every job of the catalog. */
  async start(): Promise<void> {
    const { startCluster, allowDroppedState = false } = this.parts;
    const cluster = await startCluster(this.#jobs()).catch(async (error: unknown) => {
      if (!allowDroppedState || !(error instanceof UnclaimedState)) throw error;
      await rebuildWithoutState(error, this);
      return startCluster(this.#jobs());
    });
    this.#running = { cluster, tables: new TableStore(cluster, this.parts.clock) };
  }

  #jobs(): JobRequest[] {
    const { snapshot } = this;
    const relations = [...snapshot.relations()].filter(hasJob).sort((left, right) => left.oid - right.oid);
    return relations.map((relation) => ({
      ...this.jobOf(relation),
      paused: isPaused(relation, snapshot),
      heldForMs: heldForMs(relation, snapshot),
    }));
  }

  /** Makes a checkpoint, so that the next start has nothing to replay, and stops everything. While a job restarts there is none, and nothing is lost by it. */
  async close(): Promise<void> {
    const { cluster } = this.#required();
    try {
      const made = await cluster.attemptCheckpoint();
      if (made === null) this.parts.logger.log('warn', 'no checkpoint at the end: a job was about to restart');
    } finally {
      await cluster.close();
    }
  }

  /** The job of an existing relation, planned again from its text. */
  jobOf(relation: Relation, snapshot: CatalogSnapshot = this.snapshot): RelationJob {
    return this.#planJob(relation, snapshot, partsFor(relation, snapshot, this.parts));
  }

  #planJob(relation: Relation, snapshot: CatalogSnapshot, parts: EngineParts): RelationJob {
    const binder = StatementBinder.forCatalog(this, snapshot.reader([relation.schema, 'public']), { dependsOn: relation.dependsOn });
    if (relation.kind === 'stream' || relation.kind === 'table') return sourceJob(relation, parts, binder);
    const query = binder.continuousQueryText(relation.query!);
    if (relation.kind === 'sink') {
      const target = { options: relation.options!, key: relation.primaryKey };
      return sinkJob(relation, sinkPlan(query, target, parts), parts);
    }
    return viewJob(relation, continuousPlan(query, query.emit ?? 'on-update', parts), parts);
  }

  /** How many subtasks the relation's job has from now on; null: as many as there are slots. Errors: 53000. */
  async setParallelism(relation: Relation, parallelism: number | null): Promise<void> {
    await this.#exclusively(async () => {
      const entry = parallelismEntry(relation, parallelism);
      const after = this.catalog.preview([entry]);
      await this.cluster.rescale(this.#planJob(relation, after, { ...this.parts, parallelism: parallelism ?? this.parts.parallelism }).graph);
      await this.catalog.commit([entry]);
    });
  }

  /** The jobs of these relations stand still, and those of what reads them: all of them are given back. Errors: 55000. */
  async pause(relations: readonly Relation[]): Promise<readonly Relation[]> {
    return this.#exclusively(async () => {
      const still = withReaders(relations, this.snapshot).filter((relation) => hasJob(relation) && !isPaused(relation, this.snapshot));
      await this.cluster.pause(still.map(relationId));
      await this.catalog.commit(still.map((relation) => pausedEntry(relation, true)));
      return still;
    });
  }

  /** What was paused with these relations, or by itself, goes on. Errors: 55000 when something that one reads stays paused. */
  async resume(relations: readonly Relation[]): Promise<readonly Relation[]> {
    return this.#exclusively(async () => {
      const paused = withReaders(relations, this.snapshot).filter((relation) => isPaused(relation, this.snapshot));
      await this.cluster.resume(paused.map(relationId));
      await this.catalog.commit(paused.map((relation) => pausedEntry(relation, false)));
      return paused;
    });
  }

  /** Changes of the relation are held from now on for those who follow the subscription. */
  async subscribe(draft: Omit<DeclaredSubscription, 'sinceMicros'>): Promise<void> {
    await this.#exclusively(async () => {
      const { relation } = draft;
      const after = this.catalog.preview([subscriptionEntry({ ...draft, sinceMicros: 0 })]);
      const sinceMicros = Number(await this.cluster.holdChanges(relationId(relation), heldForMs(relation, after)));
      await this.catalog.commit([subscriptionEntry({ ...draft, sinceMicros })]);
    });
  }

  async unsubscribe(subscription: DeclaredSubscription): Promise<void> {
    await this.#exclusively(async () => {
      const { relation } = subscription;
      await this.catalog.commit([subscriptionGone(subscription)]);
      await this.cluster.holdChanges(relationId(relation), heldForMs(relation, this.snapshot));
    });
  }

  /** Creates a relation with its job. `background`: returns when the job is on its way; the catalog names it when it is published. */
  async create(draft: RelationDraft): Promise<Relation> {
    return this.#exclusively(async () => {
      const relation: Relation = { ...draft, oid: this.catalog.allocateOid() };
      const entry: CatalogEntry = { kind: 'put-relation', relation };
      this.catalog.preview([entry]);
      if (!hasJob(relation)) {
        await this.catalog.commit([entry]);
        return relation;
      }
      const job = this.jobOf(relation);
      await this.cluster.deploy(job.graph, job.source);
      try {
        if (relation.kind === 'materialized view') await this.cluster.checkpoint();
        await this.catalog.commit([entry]);
      } catch (error) {
        await this.cluster.drop(job.graph.jobId);
        throw error;
      }
      return relation;
    });
  }

  /** Runs `work` beside the session that asked for it; WAIT waits for it. Its failure is logged. */
  inBackground(work: Promise<unknown>, what: string): void {
    const tracked = work
      .catch((error: unknown) => this.logger.log('error', `${what} failed`, { error }))
      .finally(() => this.#background.delete(tracked));
    this.#background.add(tracked);
  }

  /**
   * Puts `draft` in the place of the relation of this oid, and makes anew what reads it: the new jobs run beside the old ones until one commit of the
   * catalog names them all. Whoever reads meanwhile, in an open block too, goes on with the old ones. `rows`: what a stored table begins with.
   * Errors: 2BP01 when a dependant does not fit.
   */
  async replace(oid: number, draft: RelationDraft, rows: readonly Row[] = []): Promise<ReplacementPlan> {
    return this.#exclusively(async () => {
      const plan = planReplacement(oid, draft, this);
      refusePaused(plan.retired, this.snapshot);
      const commit = async (more: readonly CatalogEntry[] = []): Promise<void> => {
        await this.catalog.commit([...plan.relations.map((relation): CatalogEntry => ({ kind: 'put-relation', relation })), ...more]);
      };
      if (draft.kind === 'sink') await this.#replaceSink(plan, commit);
      else await this.#replaceBeside(plan, rows, commit);
      return plan;
    });
  }

  async #replaceBeside(plan: ReplacementPlan, rows: readonly Row[], commit: (more: readonly CatalogEntry[]) => Promise<void>): Promise<void> {
    const deployed: string[] = [];
    try {
      for (const { graph, source } of plan.jobs) {
        await this.cluster.deploy(graph, source);
        deployed.push(graph.jobId);
        // What reads the table is started over its rows.
        if (rows.length > 0 && deployed.length === 1) await this.tables.fill(plan.relations[0]!, rows);
      }
      if (deployed.length > 0) await this.cluster.checkpoint();
      await commit(await this.#holdAnew(plan.relations));
    } catch (error) {
      for (const jobId of deployed.reverse()) await this.cluster.drop(jobId);
      throw error;
    }
    for (const relation of plan.retired) this.#retiring.add(relation);
    this.readers
      .gone()
      .then(() => this.#exclusively(() => this.#endRetired(plan.retired)))
      .catch((error: unknown) => this.logger.log('error', 'replaced jobs could not be ended', { error }));
  }

  /** Holds the changes of relations that take the place of others for those who follow their subscriptions, which begin anew. */
  async #holdAnew(relations: readonly Relation[]): Promise<CatalogEntry[]> {
    const begun: CatalogEntry[] = [];
    for (const relation of relations) {
      const forMs = heldForMs(relation, this.snapshot);
      if (forMs === null) continue;
      const sinceMicros = Number(await this.cluster.holdChanges(relationId(relation), forMs));
      begun.push(...subscriptionsFrom(relation, this.snapshot).map((one) => subscriptionEntry({ ...one, sinceMicros })));
    }
    return begun;
  }

  /** Two sinks would write one topic, so the old one ends first; what it had to send is durable by then, and a crash before the commit goes on with it. */
  async #replaceSink(plan: ReplacementPlan, commit: () => Promise<void>): Promise<void> {
    const [old] = plan.retired;
    if (old === undefined) return commit();
    const [job] = plan.jobs;
    const before = this.jobOf(old);
    await this.cluster.checkpoint();
    await this.cluster.drop(relationId(old));
    try {
      await this.cluster.deploy(job!.graph, job!.source);
      await commit();
    } catch (error) {
      await this.cluster.drop(job!.graph.jobId);
      await this.cluster.deploy(before.graph, before.source);
      throw error;
    }
  }

  /** Of the replaced relations those that read what is to be dropped: their readers cannot be waited for. */
  #retiringOver(dropped: readonly Relation[]): Relation[] {
    const gone = new Set(dropped.map((relation) => relation.oid));
    const producersFirst = [...this.#retiring].reverse();
    for (const relation of producersFirst) if (relation.dependsOn.some((oid) => gone.has(oid))) gone.add(relation.oid);
    return [...this.#retiring].filter((relation) => gone.has(relation.oid));
  }

  /** Replaced jobs that were kept for their readers end now. */
  async #endRetired(relations: readonly Relation[]): Promise<void> {
    for (const relation of relations) {
      if (!this.#retiring.delete(relation)) continue;
      await this.cluster.drop(relationId(relation));
      this.tables.forget(relation);
    }
  }

  /** Drops relations, dependants before what they depend on, and functions, all or none. */
  async drop({ relations, functions }: Pick<DropPlan, 'relations' | 'functions'>): Promise<void> {
    await this.#exclusively(async () => {
      await this.#endRetired(this.#retiringOver(relations));
      await this.catalog.commit([
        ...relations.map((relation): CatalogEntry => ({ kind: 'drop-relation', oid: relation.oid })),
        ...functions.map((declared): CatalogEntry => ({ kind: 'drop-function', oid: declared.oid })),
      ]);
      for (const relation of relations) {
        if (!hasJob(relation)) continue;
        await this.cluster.drop(relationId(relation));
        this.tables.forget(relation);
      }
    });
  }

  /** A view without a name for one read or subscription; `close` ends its job. */
  async temporaryView(query: BoundQuery, plan: PhysicalPlan): Promise<{ readonly relation: Relation; close(): Promise<void> }> {
    const oid = this.catalog.allocateOid();
    const { uniqueKeys, appendOnly } = plan;
    const relation = unnamedView(query, { oid, schema: 'pg_temp', name: `temporary_${oid}`, uniqueKeys, appendOnly });
    const job = viewJob(relation, plan, this.parts);
    await this.cluster.deploy(job.graph, null);
    return { relation, close: () => this.cluster.drop(job.graph.jobId) };
  }

  /** Other names for relations: their jobs and what reads them go on as they are. Errors: 0A000 when a dependant cannot follow. */
  async rename(relations: readonly Relation[]): Promise<void> {
    await this.#exclusively(() => this.catalog.commit(renameEntries(planRename(relations, this), this.snapshot)));
  }

  /** A stored table under other rules: NOT NULL, defaults, UNIQUE, CHECK. Its writers are kept away by its lock. Errors: 0A000 when a reader would be another. */
  async alterRules(old: Relation, draft: RelationDraft): Promise<void> {
    await this.#exclusively(async () => {
      await this.catalog.commit([{ kind: 'put-relation', relation: alteredRules(old, draft, this) }]);
      this.tables.forget(old);
    });
  }

  /** Other indexes for a relation as it is then. What slots have made for those that are gone is let go. Errors: 42P07, 40001. */
  async changeIndexes(oid: number, change: (relation: Relation) => readonly RelationIndex[]): Promise<void> {
    await this.#exclusively(async () => {
      const relation = this.snapshot.relationByOid(oid);
      if (relation === null)
        throw new SqlError({ code: SqlState.serializationFailure, message: 'could not serialize access due to concurrent update' });
      const indexes = change(relation);
      await this.catalog.commit([{ kind: 'put-relation', relation: { ...relation, indexes } }]);
      for (const index of relation.indexes ?? []) if (!indexes.includes(index)) this.cluster.dropIndex(relationId(relation), index.columns);
    });
  }

  /** Everything as a directory of files that its owner keeps. Errors: 55000 for one that is not empty, 53100, 42501, 58030. */
  savepoint(request: SavepointRequest): Promise<TakenSavepoint> {
    const path = this.parts.savepoints.absolute(request.path);
    return this.#exclusively(() => this.savepoints.noted({ ...request, path }, () => takeSavepoint(this, { ...request, path })));
  }

  /** Catalog changes without jobs. */
  async commitEntries(entries: readonly CatalogEntry[]): Promise<void> {
    await this.#exclusively(() => this.catalog.commit(entries));
  }

  #required(): RunningEngine {
    assert(this.#running !== null, 'the engine has been started');
    return this.#running;
  }

  #exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#definition.then(work, work);
    this.#definition = result.catch(() => undefined);
    return result;
  }
}
