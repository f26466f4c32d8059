import { assert, type Clock, type Logger } from '../../base/index.ts';
import type { Catalog, CatalogEntry, CatalogSnapshot, Relation, RelationColumn } from '../../catalog/index.ts';
import type { Cluster } from '../../cluster/index.ts';
import type { BoundQuery, PhysicalPlan } from '../../plan/index.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import type { EngineParts, EngineRegistries } from './engine-parts.ts';
import { continuousPlan, hasContent, hasJob, type RelationJob, relationId, sinkJob, sinkPlan, sourceJob, viewJob } from './relation-jobs.ts';
import { StatementBinder } from './statement-binder.ts';
import type { SystemTables } from './system-tables.ts';
import { TableStore } from './table-store.ts';

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

  constructor(parts: EngineParts, catalog: Catalog, system: SystemTables) {
    this.parts = parts;
    this.catalog = catalog;
    this.system = system;
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
    const relations = [...this.snapshot.relations()].filter(hasJob);
    const jobs = relations.sort((left, right) => left.oid - right.oid).map((relation) => this.jobOf(relation));
    const cluster = await this.parts.startCluster(jobs);
    this.#running = { cluster, tables: new TableStore(cluster, this.parts.clock) };
  }

  /** Makes a checkpoint, so that the next start has nothing to replay, and stops everything. */
  async close(): Promise<void> {
    const { cluster } = this.#required();
    try {
      await cluster.checkpoint();
    } finally {
      await cluster.close();
    }
  }

  /** The job of an existing relation, planned again from its text. */
  jobOf(relation: Relation): RelationJob {
    const binder = StatementBinder.forCatalog(this, this.snapshot.reader([relation.schema, 'public']));
    if (relation.kind === 'stream' || relation.kind === 'table') return sourceJob(relation, this.parts, binder);
    const query = binder.continuousQueryText(relation.query!);
    if (relation.kind === 'sink') {
      const target = { options: relation.options!, key: relation.primaryKey };
      return sinkJob(relation, sinkPlan(query, target, this.parts), this.parts);
    }
    return viewJob(relation, continuousPlan(query, query.emit ?? 'on-update', this.parts), this.parts);
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

  /** Drops relations, dependants before what they depend on. */
  async drop(relations: readonly Relation[]): Promise<void> {
    await this.#exclusively(async () => {
      await this.catalog.commit(relations.map((relation) => ({ kind: 'drop-relation', oid: relation.oid })));
      for (const relation of relations) {
        if (!hasJob(relation)) continue;
        await this.cluster.drop(relationId(relation));
        this.tables.forget(relation.oid);
      }
    });
  }

  /** A view without a name for one read or subscription; `close` ends its job. */
  async temporaryView(query: BoundQuery, plan: PhysicalPlan): Promise<{ readonly relation: Relation; close(): Promise<void> }> {
    const oid = this.catalog.allocateOid();
    const columns = query.plan.fields.map((field): RelationColumn => {
      return { name: field.name, externalName: field.name, type: field.type, nullable: true, source: { kind: 'physical' }, defaultExpression: null };
    });
    const relation: Relation = {
      oid,
      schema: 'pg_temp',
      name: `temporary_${oid}`,
      kind: 'materialized view',
      columns,
      primaryKey: null,
      uniqueKeys: plan.uniqueKeys,
      watermark: null,
      options: null,
      appendOnly: plan.appendOnly,
      query: null,
      statement: '',
      dependsOn: [],
      comment: null,
    };
    const job = viewJob(relation, plan, this.parts);
    await this.cluster.deploy(job.graph, null);
    return { relation, close: () => this.cluster.drop(job.graph.jobId) };
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
