import type { EdgeColumn, JobGraph, Json, OperatorSpec, PartitionerSpec } from '../../jobgraph/index.ts';
import type { SourceDeployment } from '../cluster.ts';
import type { JobRequest } from '../job-manager/index.ts';

const MAX_PARALLELISM = 128;

function int8Columns(...names: string[]): EdgeColumn[] {
  return names.map((name) => ({ name, type: { kind: 'int8' } }));
}

export const SOURCE_COLUMNS = int8Columns('key', 'value', 'at');

function operator(kind: string, operatorId: string, parameters: Json, columns: readonly EdgeColumn[]): OperatorSpec {
  return { operatorId, kind, version: 1, parameters, outputColumns: columns, outputAppendOnly: kind === 'test-topic', label: kind };
}

/** A source relation over a test topic (null: generated rows) with `partitions` splits. */
export function sourceJob(options: {
  relation: string;
  topic: string | null;
  partitions: number;
  parallelism: number;
  end?: number;
  idleTimeoutMs?: number;
}): JobRequest {
  const { relation, topic, partitions, parallelism } = options;
  const source: SourceDeployment = {
    splits: Array.from({ length: partitions }, (_, index) => ({ id: String(index), parameters: {}, start: 0, end: options.end ?? null })),
    watermarkDelayMicros: 10n,
    idleTimeoutMs: options.idleTimeoutMs ?? null,
  };
  const head = operator('test-topic', `source-${relation}`, { topic }, SOURCE_COLUMNS);
  const graph: JobGraph = {
    jobId: `job-${relation}`,
    name: relation,
    kind: 'source',
    maxParallelism: MAX_PARALLELISM,
    vertices: [{ id: 'v0', operators: [head], inputCount: 0, parallelism, slotSharingGroup: 'default' }],
    edges: [],
    inputs: [],
    output: { relation, vertex: 'v0', columns: SOURCE_COLUMNS, appendOnly: true },
  };
  return { graph, source };
}

/** A materialised view: the given operators, then materialize, over columns `fields` of each input, hashed by the first one. */
function viewJob(options: {
  relation: string;
  inputs: readonly { relation: string; fields: readonly number[] }[];
  operators: readonly OperatorSpec[];
  columns: readonly EdgeColumn[];
  parallelism: number;
  partitioner?: PartitionerSpec;
}): JobRequest {
  const { relation, columns, parallelism } = options;
  const materialize = operator('test-materialize', `materialize-${relation}`, { relation, columns: columns.length }, columns);
  const graph: JobGraph = {
    jobId: `job-${relation}`,
    name: relation,
    kind: 'view',
    maxParallelism: MAX_PARALLELISM,
    vertices: [{ id: 'v0', operators: [...options.operators, materialize], inputCount: 1, parallelism, slotSharingGroup: 'default' }],
    edges: [],
    inputs: options.inputs.map((input) => ({
      relation: input.relation,
      fields: input.fields.map((field) => [field]),
      columns: input.fields.map((field) => SOURCE_COLUMNS[field]!),
      to: 'v0',
      toInput: 0,
      partitioner: options.partitioner ?? { kind: 'hash', keys: [0] },
    })),
    output: { relation, vertex: 'v0', columns, appendOnly: false },
  };
  return { graph, source: null };
}

/** key, count(*), sum(value) of the union of the inputs. */
export function countView(relation: string, inputs: readonly string[], parallelism: number): JobRequest {
  const columns = int8Columns('key', 'count', 'sum');
  const count = operator('test-count', `count-${relation}`, null, columns);
  return viewJob({ relation, inputs: inputs.map((input) => ({ relation: input, fields: [0, 1] })), operators: [count], columns, parallelism });
}

/** Columns `fields` of the input, unchanged. */
export function copyView(
  relation: string,
  input: string,
  options: { fields: readonly number[]; parallelism: number; also?: 'failing' | 'enough' },
): JobRequest {
  const columns = options.fields.map((field) => SOURCE_COLUMNS[field]!);
  const operators = options.also === undefined ? [] : [operator(`test-${options.also}`, `${options.also}-${relation}`, null, columns)];
  return viewJob({ relation, inputs: [{ relation: input, fields: options.fields }], operators, columns, parallelism: options.parallelism });
}

/** A stored table: embedded log, exchange by the first column, materialize. */
export function tableJob(relation: string, parallelism: number): JobRequest {
  const head = operator('test-embedded', `log-${relation}`, { relation }, SOURCE_COLUMNS);
  const materialize = operator('test-materialize', `materialize-${relation}`, { relation, columns: 3 }, SOURCE_COLUMNS);
  const graph: JobGraph = {
    jobId: `job-${relation}`,
    name: relation,
    kind: 'table',
    maxParallelism: MAX_PARALLELISM,
    vertices: [
      { id: 'v0', operators: [{ ...head, outputAppendOnly: false }], inputCount: 0, parallelism: 1, slotSharingGroup: 'default' },
      { id: 'v1', operators: [materialize], inputCount: 1, parallelism, slotSharingGroup: 'default' },
    ],
    edges: [{ from: 'v0', to: 'v1', toInput: 0, partitioner: { kind: 'hash', keys: [0] } }],
    inputs: [],
    output: { relation, vertex: 'v1', columns: SOURCE_COLUMNS, appendOnly: false },
  };
  const splits = [{ id: 'log', parameters: {}, start: 1, end: null }];
  return { graph, source: { splits, watermarkDelayMicros: null, idleTimeoutMs: null } };
}
