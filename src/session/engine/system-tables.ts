import {
  type CatalogFunction,
  CatalogInspection,
  type CatalogSnapshot,
  currentSchemas,
  numberFunctions,
  type Relation,
  type SystemContext,
  type SystemProviders,
  type SystemRelation,
  type SystemRow,
  systemRelations,
} from '../../catalog/index.ts';
import type { Cluster, JobStatus } from '../../cluster/index.ts';
import type { CatalogLookup } from '../../expr/index.ts';
import { typeByName } from '../../plan/index.ts';
import { arrayOf, type Datum, formatTypeKind, type SqlType } from '../../types/index.ts';
import type { EngineRegistries } from './engine-parts.ts';
import { monitorProviders } from './monitor-rows.ts';
import { retentionMsOf } from './relation-jobs.ts';

const MICROS_PER_MS = 1000n;

/** What rows about the running system are made of, asked when they are read: the tables are there before the cluster is. */
export interface LiveSources {
  readonly cluster: () => Cluster;
  readonly jobs: () => readonly JobStatus[];
  readonly relationOf: (relationId: string) => Relation | null;
  /** See builtFrom. */
  readonly originOf: (relationId: string) => readonly string[];
  readonly activity: () => Iterable<SystemRow>;
  readonly locks: () => Iterable<SystemRow>;
  readonly savepoints: () => Iterable<SystemRow>;
  readonly backfills: () => Iterable<SystemRow>;
}

/** pg_catalog, information_schema and fsql_catalog of an engine: their rows are made when they are read. */
export class SystemTables {
  readonly relations: readonly Relation[];
  readonly #registries: EngineRegistries;
  #functions: ReadonlyMap<number, CatalogFunction> | null = null;
  readonly #byOid: ReadonlyMap<number, SystemRelation>;

  constructor(registries: EngineRegistries, live: LiveSources) {
    this.#registries = registries;
    const all = systemRelations({ ...providers(live), functions: () => this.functions });
    this.#byOid = new Map(all.map((one) => [one.relation.oid, one]));
    this.relations = all.map((one) => one.relation);
  }

  /** What pg_proc lists, by oid. */
  get functions(): ReadonlyMap<number, CatalogFunction> {
    this.#functions ??= numberFunctions(catalogFunctions(this.#registries));
    return this.#functions;
  }

  rows(relation: Relation, context: SystemContext): Iterable<readonly (Datum | null)[]> {
    return this.#byOid.get(relation.oid)!.rows(context);
  }
}

/** Rows of every function for SHOW FUNCTIONS: operators and catalog helpers are left out. */
export function functionRows(registries: EngineRegistries, catalog: CatalogSnapshot): (readonly string[])[] {
  const seen = new Map<string, readonly string[]>();
  for (const name of registries.functions.names()) {
    for (const one of registries.functions.functions(name)) {
      if (one.family !== 'operator' && one.family !== 'catalog') seen.set(one.signature, [one.name, one.signature, one.description]);
    }
    for (const one of registries.functions.aggregates(name)) seen.set(one.signature, [one.name, one.signature, one.description]);
    for (const one of registries.functions.tableFunctions(name)) seen.set(one.signature, [one.name, one.signature, one.description]);
  }
  for (const declared of catalog.functions()) {
    const result = `${declared.kind === 'table' ? 'setof ' : ''}${formatTypeKind(declared.resultType)}`;
    const signature = `${declared.name}(${declared.parameters.map(({ type }) => formatTypeKind(type)).join(', ')}) -> ${result}`;
    const description = `${declared.kind === 'aggregate' ? 'An aggregate' : 'A function'} in ${declared.language === 'sql' ? 'SQL' : 'JavaScript'}`;
    seen.set(`${declared.oid}`, [declared.name, signature, description]);
  }
  return [...seen.values()].sort((left, right) => (left[1]! < right[1]! ? -1 : 1));
}

function providers({ cluster, jobs, relationOf, originOf, activity, locks, savepoints, backfills }: LiveSources): SystemProviders {
  return {
    activity,
    locks,
    savepoints,
    backfills,
    jobs: () => jobs().map(jobRow),
    source_partitions: () =>
      cluster()
        .sourcePartitions()
        .map((one) => partitionRow(one, relationOf(one.relation))),
    ...monitorProviders(cluster, originOf),
  };
}

function* catalogFunctions(registries: EngineRegistries): Iterable<CatalogFunction> {
  const seen = new Set<string>();
  for (const name of registries.functions.names()) {
    for (const one of registries.functions.functions(name)) {
      if (seen.has(one.signature)) continue;
      seen.add(one.signature);
      const resultType = typeof one.resultType === 'function' ? null : one.resultType;
      yield {
        name: one.name,
        kind: 'function',
        argumentTypes: one.argumentTypes,
        resultType,
        volatility: one.volatility,
        strict: one.nullBehaviour !== 'called',
        variadic: one.variadic ?? false,
        returnsSet: false,
        description: one.description,
      };
    }
    for (const one of registries.functions.aggregates(name)) {
      if (seen.has(one.signature)) continue;
      seen.add(one.signature);
      const resultType = typeof one.resultType === 'function' ? null : one.resultType;
      yield {
        name: one.name,
        kind: 'aggregate',
        argumentTypes: one.argumentTypes,
        resultType,
        volatility: 'immutable',
        strict: false,
        variadic: false,
        returnsSet: false,
        description: one.description,
      };
    }
  }
}

function jobRow(job: JobStatus): SystemRow {
  return {
    job_id: job.jobId,
    name: job.name,
    kind: job.kind,
    state: job.state,
    parallelism: job.parallelism,
    max_parallelism: job.maxParallelism,
    restarts: job.restarts,
    created_at: job.createdAtMicros,
    started_at: job.startedAtMicros,
    finished_at: job.finishedAtMicros,
    rows_in: BigInt(job.rowsIn),
    rows_out: BigInt(job.rowsOut),
    bytes_in: BigInt(job.bytesIn),
    error: job.error === null ? null : job.error.message,
    epoch_pace_ms: job.epochPaceMs,
    slot_sharing_group: job.slotSharingGroup,
    wanted_parallelism: job.wantedParallelism,
  };
}

function partitionRow(one: ReturnType<Cluster['sourcePartitions']>[number], relation: Relation | null): SystemRow {
  const retentionMs = relation === null ? null : retentionMsOf(relation);
  return {
    relation: relation?.name ?? one.relation,
    partition: one.partition,
    offset: BigInt(one.offset),
    end_offset: one.endOffset === null ? null : BigInt(one.endOffset),
    lag: one.endOffset === null ? null : BigInt(Math.max(0, one.endOffset - one.offset)),
    watermark: one.watermarkMicros,
    idle: one.idle,
    last_row_at: one.lastRowAtMicros,
    problem: one.problem === null ? null : one.problem.message,
    oldest_offset: one.oldestOffset === null ? null : BigInt(one.oldestOffset),
    oldest_at: retentionMs === null ? null : one.asOfMicros - BigInt(retentionMs) * MICROS_PER_MS,
  };
}

/** Arrays as `int4[]` and `_int4`. */
function typeNamed(name: string): SqlType | null {
  const element = /^(.*?)\s*(?:\[\s*\])+$/s.exec(name)?.[1] ?? /^_(.*)$/s.exec(name)?.[1];
  if (element === undefined) return typeByName(name.toLowerCase());
  const type = typeByName(element.toLowerCase());
  return type === null ? null : arrayOf(type);
}

/** Answers of catalog functions (regclass, pg_get_viewdef, …) for one session. */
export function catalogLookup(
  engine: { readonly snapshot: CatalogSnapshot; readonly system: SystemTables },
  searchPath: readonly string[],
): CatalogLookup {
  const catalog = engine.snapshot;
  const inspection = new CatalogInspection({ catalog, searchPath, functions: () => engine.system.functions, typeNamed });
  return {
    objectName: (kind, oid) => inspection.registeredName(kind, oid),
    objectOid: (kind, name) => inspection.registeredOid(kind, name),
    isRelationVisible: (oid) => inspection.relationIsVisible(oid),
    viewDefinition: (oid) => inspection.viewDefinition(oid),
    comment: (oid, column) => (column === 0 ? inspection.objectDescription(oid, 'pg_class') : null),
    roleName: (oid) => inspection.roleName(oid),
    indexDefinition: (oid, column) => inspection.indexDefinition(oid, column),
    constraintDefinition: (oid) => inspection.constraintDefinition(oid),
    functionResult: (oid) => inspection.functionResult(oid),
    functionArguments: (oid) => inspection.functionArguments(oid),
    functionDefinition: (oid) => inspection.functionDefinition(oid),
  };
}

/** Existing schemas of a search path, in order. */
export function existingSchemas(catalog: CatalogSnapshot, searchPath: readonly string[]): readonly string[] {
  return currentSchemas(searchPath, { exists: (schema) => catalog.schema(schema) !== null, implicit: false });
}
