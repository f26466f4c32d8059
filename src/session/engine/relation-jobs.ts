import { SqlError, SqlState } from '../../base/index.ts';
import { isOnlyElsewhere, type Relation, storageNumber, underStorageNames, underStorageOptions } from '../../catalog/index.ts';
import type { SourceDeployment } from '../../cluster/index.ts';
import type { JobGraph, JobVertex } from '../../jobgraph/index.ts';
import {
  type BoundQuery,
  buildJobGraph,
  type EmitMode,
  type LoweringContext,
  lowerPlan,
  type OperatorNode,
  type PhysicalPlan,
} from '../../plan/index.ts';
import type { ConnectorDefinition } from '../../spi/index.ts';
import { deadLetterRetentionOf, optionMs } from '../ddl/relation-options.ts';
import { messageKey } from '../ddl/written-columns.ts';
import type { EngineParts } from './engine-parts.ts';
import { lookupSettings } from './lookup-settings.ts';
import type { StatementBinder } from './statement-binder.ts';
import { tableFunctionOf } from './table-function.ts';

/** A relation's job, ready to be deployed. */
export interface RelationJob {
  readonly graph: JobGraph;
  readonly source: SourceDeployment | null;
}

/** Options of a sink into a stored table: of the connector that no WITH clause names. */
export const tableSinkOptions: ReadonlyMap<string, string> = new Map([['connector', 'table']]);

/** Kept with the options of a view or sink that was made under it. */
export const ON_ROW_ERROR = 'on_row_error';
/** Whose slots the job shares. */
const SLOT_SHARING_GROUP = 'slot_sharing_group';
/** How long an embedded stream keeps its rows. */
const RETENTION = 'retention';
const DEAD_LETTER_RETENTION = 'dead_letter_retention';
/** How long the epochs of a materialized view stay readable. */
const RETAIN_HISTORY = 'retain_history';

const MICROS_PER_MS = 1000n;
const FUTURE_SKEW_DEFAULT_MS = 86_400_000;

/** Relation id of the data plane. */
export function relationId(relation: Pick<Relation, 'oid' | 'storage'>): string {
  return String(storageNumber(relation));
}

/** Relations whose rows are kept in slots. A connector stream keeps none: reading it reads the other side. */
export function hasContent(relation: Relation): boolean {
  return relation.kind === 'table' || relation.kind === 'materialized view' || (relation.kind === 'stream' && relation.options === null);
}

/** A relation that clients write to: stored tables and embedded streams. */
export function isStored(relation: Relation): boolean {
  return (relation.kind === 'table' || relation.kind === 'stream') && relation.options === null;
}

/** Views are inlined, and a relation over a connector that can only be written is no more than a place for INSERT. */
export function hasJob(relation: Pick<Relation, 'kind' | 'options' | 'splits'>): boolean {
  if (relation.kind === 'system' || relation.kind === 'view') return false;
  return !isOnlyElsewhere(relation);
}

/** The job that reads a stream or keeps a stored table. */
export function sourceJob(relation: Relation, parts: EngineParts, binder: StatementBinder): RelationJob {
  const graphOf = (one: Relation): JobGraph => jobGraph(sourceRoot(one, parts, binder), one, { parts, kind: hasContent(one) ? 'table' : 'source' });
  const idle = relation.options?.get('idle_timeout');
  return {
    graph: underItsIdentity(relation, graphOf),
    source: {
      splits: relation.splits ?? [],
      watermarkDelayMicros: relation.watermark?.delayMicros ?? null,
      idleTimeoutMs: idle === undefined ? null : optionMs(idle),
    },
  };
}

/** The root of that job. */
export function sourceRoot(relation: Relation, parts: EngineParts, binder: StatementBinder): OperatorNode {
  const embedded = relation.options === null;
  const planned = underStorageNames(relation);
  const bound = embedded ? planned : { ...planned, options: parts.bindConnector(relation.options) };
  const computed = relation.columns.map((column) =>
    column.source.kind === 'computed' ? binder.rowExpressionText(column.source.expression, relation.columns, column.type) : null,
  );
  const source = parts.registries.roots.source({
    relation: bound,
    computed,
    onError: (relation.options?.get('on_error') ?? 'store') as 'store' | 'fail' | 'skip',
    futureSkewMicros: parts.futureSkewGuard && relation.watermark !== null ? futureSkew(relation) : null,
    deadLetters: deadLetterRetentionOf(relation.options?.get(DEAD_LETTER_RETENTION) ?? relation.embeddedOptions?.[DEAD_LETTER_RETENTION]),
  });
  if (!hasContent(relation)) return source;
  const retentionMs = retentionMsOf(relation);
  const kept = retentionMs === null ? {} : { retentionMs };
  const target = { id: relationId(relation), name: planned.name, ...kept };
  return parts.registries.roots.materialize(
    source,
    embedded || relation.primaryKey === null ? target : { ...target, upsertKey: relation.primaryKey },
  );
}

/** How long an embedded stream keeps its rows; null: for good, or it is none. */
export function retentionMsOf(relation: Relation): number | null {
  const retention = relation.embeddedOptions?.[RETENTION];
  return retention === undefined ? null : Math.ceil(optionMs(retention));
}

function futureSkew(relation: Relation): bigint {
  const declared = relation.options?.get('future_skew');
  return BigInt(declared === undefined ? FUTURE_SKEW_DEFAULT_MS : optionMs(declared)) * MICROS_PER_MS;
}

/** The physical plan of a continuous query. */
export function continuousPlan(query: BoundQuery, emit: EmitMode, parts: EngineParts): PhysicalPlan {
  const context: Omit<LoweringContext, 'lower' | 'stateTtl'> = {
    emit,
    functions: parts.registries.lookup,
    aggregates: parts.registries.aggregates,
    tableFunction: (name, types) => tableFunctionOf(parts.registries, name, types),
    lookedUp: (relation) => lookupSettings(relation, parts),
  };
  return lowerPlan(query.plan, parts.registries.lowerings, context);
}

/** The job of a materialised view. */
export function viewJob(relation: Relation, plan: PhysicalPlan, parts: EngineParts): RelationJob {
  return { graph: jobGraph(viewRoot(plan, relation, parts), relation, { parts, kind: 'view' }), source: null };
}

/** The root of that job, over the plan of its query. */
export function viewRoot(plan: PhysicalPlan, relation: Relation, parts: EngineParts): OperatorNode {
  return parts.registries.roots.materialize(plan, { id: relationId(relation), name: underStorageNames(relation).name });
}

/**
 * The physical plan of a sink's query. Without an EMIT clause an append-only sink shows a windowed query when its windows close; an updating query
 * into it is refused (0A000). `key`: the sink's upsert key.
 */
export function sinkPlan(
  query: BoundQuery,
  sink: { readonly options: ReadonlyMap<string, string>; readonly key: readonly number[] | null },
  parts: EngineParts,
): PhysicalPlan {
  const connector = parts.registries.connectors.get(sink.options.get('connector')!)!;
  const accepts = connector.sink!.acceptsUpdates;
  const takesUpdates = accepts === 'always' || (accepts === 'with-key' && (sink.key !== null || writesChanges(sink.options, parts)));
  const plan = continuousPlan(query, query.emit ?? 'on-update', parts);
  if (sink.key !== null && !writesChanges(sink.options, parts)) refuseSharedKeys(plan, sink.key, connector);
  if (takesUpdates || plan.appendOnly) return plan;
  if (query.emit === null && plan.window !== null && plan.latenessMicros !== null) return continuousPlan(query, 'on-window-close', parts);
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: 'the query updates its rows, and this sink only takes new ones',
    hint: connector.internal
      ? 'Give the table a primary key, by which its rows are replaced, or use EMIT ON WINDOW CLOSE over a window.'
      : accepts === 'with-key'
        ? "Name the key with primary_key = '…', write changes with format = 'debezium-json', or use EMIT ON WINDOW CLOSE over a window."
        : 'Use EMIT ON WINDOW CLOSE over a window.',
  });
}

/**
 * One record a key and epoch says which row a key has. Where rows known to be unique otherwise share a key of the sink, a row that goes would take away the
 * record of one that stays (Flink's FLINK-17699): refused. Of a query whose unique columns nothing is known the writer is believed.
 */
function refuseSharedKeys(plan: PhysicalPlan, key: readonly number[], connector: ConnectorDefinition): void {
  const [unique] = plan.uniqueKeys;
  if (plan.appendOnly || unique === undefined || plan.uniqueKeys.some((one) => one.every((column) => key.includes(column)))) return;
  const names = (columns: readonly number[]): string => columns.map((index) => plan.columns[index]!.name).join(', ');
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `several rows of the query may have one key (${names(key)}), and the ${connector.internal ? 'table' : 'sink'} has one ${connector.internal ? 'row' : 'record'} a key`,
    detail: `The query is unique by (${names(unique)}).`,
    hint: connector.internal
      ? `Write into a table with PRIMARY KEY (${names(unique)}), or GROUP BY ${names(key)}.`
      : `Use primary_key = '${names(unique)}', GROUP BY ${names(key)}, or format = 'debezium-json', which tells rows apart.`,
  });
}

/** The format says of each record whether its row comes or goes. */
function writesChanges(options: ReadonlyMap<string, string>, parts: EngineParts): boolean {
  const format = options.get('format');
  return format !== undefined && parts.registries.formats.get(format)!.changelogMode !== 'append';
}

/** The root of a sink's job, over the plan of its query. */
export function sinkRoot(plan: PhysicalPlan, sink: Pick<Relation, 'name' | 'columns' | 'options' | 'primaryKey'>, parts: EngineParts): OperatorNode {
  const { name, primaryKey } = sink;
  // Without an upsert key: that of the stream which an INSERT writes into.
  const keyOfMessages = primaryKey === null ? messageKey(sink) : null;
  const options = sink.options!;
  const capability = parts.registries.connectors.get(options.get('connector')!)!.sink!;
  const oneWriter = capability.oneWriter?.(options) ?? false;
  return parts.registries.roots.sink(plan, {
    name,
    options,
    key: primaryKey ?? keyOfMessages,
    appends: keyOfMessages !== null,
    changes: writesChanges(options, parts),
    oneWriter,
  });
}

/** The job of a sink. */
export function sinkJob(relation: Relation, plan: PhysicalPlan, parts: EngineParts): RelationJob {
  const graphOf = (one: Relation): JobGraph => {
    const options = one.into === undefined ? parts.bindConnector(one.options!) : one.options;
    const root = sinkRoot(plan, { ...underStorageNames(one), options }, parts);
    return jobGraph(root, one, { parts, kind: 'sink' });
  };
  return { graph: underItsIdentity(relation, graphOf), source: null };
}

/** State is found by a hash of what operators compute, options included: where those have been altered, the hash is still of the ones before. */
function underItsIdentity(relation: Relation, graphOf: (relation: Relation) => JobGraph): JobGraph {
  const graph = graphOf(relation);
  const before = underStorageOptions(relation);
  if (before === null) return graph;
  const { vertices, edges, inputs, output } = graphOf(before);
  const parameters = graph.vertices.map(({ operators }) => operators.map((operator) => operator.parameters));
  const withParameters = (vertex: JobVertex, index: number): JobVertex => ({
    ...vertex,
    slotSharingGroup: graph.vertices[index]!.slotSharingGroup,
    operators: vertex.operators.map((operator, at) => ({ ...operator, parameters: parameters[index]![at]! })),
  });
  return { ...graph, vertices: vertices.map(withParameters), edges, inputs, output };
}

function jobGraph(root: OperatorNode, relation: Relation, options: { readonly parts: EngineParts; readonly kind: JobGraph['kind'] }): JobGraph {
  const { parts, kind } = options;
  const graph = buildJobGraph(root, {
    jobId: relationId(relation),
    name: relation.name,
    kind,
    parallelism: parts.parallelism,
    maxParallelism: parts.maxParallelism,
    outputRelation: kind === 'sink' ? null : relationId(relation),
    disambiguator: relationId(relation),
    slotSharingGroup: relation.options?.get(SLOT_SHARING_GROUP) ?? relation.embeddedOptions?.[SLOT_SHARING_GROUP],
  });
  const history = relation.options?.get(RETAIN_HISTORY);
  return {
    ...graph,
    ...(relation.options?.get(ON_ROW_ERROR) === 'fail' && { failOnRowError: true }),
    ...(history !== undefined && { retainHistoryMs: optionMs(history) }),
  };
}
