import { assert, type Clock, type Logger } from '../../base/index.ts';
import { BATCH_ROWS_TARGET, keyGroupRange } from '../../batch/index.ts';
import type { FunctionLookup } from '../../expr/index.ts';
import type { OperatorSpec, RelationId } from '../../jobgraph/index.ts';
import type {
  AggregateDefinition,
  ConnectorDefinition,
  FormatDefinition,
  Operator,
  OperatorEnvironment,
  OperatorFactory,
  ReadableRelation,
  Registry,
  SinkProgress,
  SourceOperatorFactory,
  SourceReader,
  SpillRoom,
  TableDelivery,
  TableFunctionDefinition,
  TableRowsTaken,
} from '../../spi/index.ts';
import type { ScratchPlace } from '../../state/index.ts';
import { SpillingOperator } from '../spill/index.ts';
import { type SlotBudget, TaskState } from '../state/index.ts';
import { checkedOperator, InputGate, OperatorChain, OperatorTask, SourceTask, type TaskEvents, type TaskId, TaskOutput } from '../task/index.ts';
import { emptyTaskMetrics } from '../task/task.ts';
import { RowErrors } from './row-errors.ts';
import type { SlotChannels } from './slot-channels.ts';
import type { JobDeployment, TaskDescription } from './task-description.ts';

/** The open families a slot builds tasks from. */
export interface SlotRegistries {
  readonly operators: Registry<OperatorFactory>;
  readonly sources: Registry<SourceOperatorFactory>;
  readonly functions: FunctionLookup;
  readonly aggregates: Registry<AggregateDefinition>;
  readonly tableFunctions: Registry<TableFunctionDefinition>;
  readonly connectors: Registry<ConnectorDefinition>;
  readonly formats: Registry<FormatDefinition>;
}

/** How operators run in this slot; the same for all of its tasks. Plain data. */
export interface SlotSettings {
  readonly interpreted: boolean;
  /** Rows a batch aims at; null: the engine's own. */
  readonly batchRows: number | null;
  /** Check every weight that operators emit. */
  readonly thoroughChecks: boolean;
  readonly stateBytesMax: number;
  /** State of an operator beyond which it spills; null: its part of stateBytesMax. */
  readonly spillBytesMax: number | null;
  /** Deltas kept for pinned epochs alone. */
  readonly pinnedBytesMax: number;
}

/** What a slot offers a task that it builds. */
export interface TaskSurroundings {
  readonly registries: SlotRegistries;
  readonly settings: SlotSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly budget: SlotBudget;
  readonly scratch: ScratchPlace;
  readonly channels: SlotChannels;
  readonly events: TaskEvents;
  /** There may be something to do for the task. */
  readonly wake: () => void;
  embeddedReader(id: TaskId, relation: RelationId): SourceReader;
  tableDelivery(id: TaskId, taken: TableRowsTaken): TableDelivery;
  publishRelation(id: TaskId, relation: RelationId, readable: ReadableRelation): void;
  reportSink(id: TaskId, progress: SinkProgress): void;
  reportEnough(id: TaskId): void;
}

export interface BuiltTask {
  readonly task: OperatorTask | SourceTask;
  readonly state: TaskState;
}

/** Makes the operators of a subtask and joins them to channels. Nothing runs yet. */
export function buildTask(job: JobDeployment, description: TaskDescription, around: TaskSurroundings): BuiltTask {
  const id: TaskId = { jobId: job.jobId, attempt: job.attempt, vertex: description.vertex, subtask: description.subtask };
  const metrics = emptyTaskMetrics();
  const output = new TaskOutput(metrics, job.startEpoch);
  for (const edge of description.outputs)
    output.addEdge(around.channels.edge(edge, { senderSubtask: description.subtask, maxParallelism: job.maxParallelism, wake: around.wake }));
  const state = new TaskState(around.budget);
  const paced = { yes: false };
  const environments = description.operators.map((spec, index) => environment({ job, description, around, id, state, paced }, spec, index));
  const chained = description.source === null ? description.operators : description.operators.slice(1);
  const operators = chained.map((spec, index) => {
    const own = environments[description.source === null ? index : index + 1]!;
    return createOperator(spec, own, around);
  });
  const chain = new OperatorChain(operators, output);
  if (description.source === null) {
    const gate = new InputGate(
      description.inputs.map(({ input, ofHistory, channel }) => ({
        name: channel.id,
        input,
        ofHistory,
        reader: around.channels.reader(channel, around.wake),
      })),
    );
    return {
      task: new OperatorTask({ id, gate, chain, output, state, events: around.events, metrics, inputRelation: description.inputRelation }),
      state,
    };
  }
  const spec = description.operators[0]!;
  const factory = around.registries.sources.get(spec.kind);
  assert(factory !== undefined && factory.version === spec.version, `no source operator "${spec.kind}" of version ${spec.version}`);
  const source = factory.createSource(spec.parameters, environments[0]!, spec);
  if (description.source.fields !== null) source.setFields(description.source.fields);
  source.assign(description.source.splits);
  const batchRows = around.settings.batchRows ?? BATCH_ROWS_TARGET;
  return { task: new SourceTask({ id, source, chain, output, state, events: around.events, metrics, batchRows, paced: paced.yes }), state };
}

function createOperator(spec: OperatorSpec, own: OperatorEnvironment, { registries, settings }: TaskSurroundings): Operator {
  const factory = registries.operators.get(spec.kind);
  assert(factory !== undefined && factory.version === spec.version, `no operator "${spec.kind}" of version ${spec.version}`);
  const keys = factory.spillKeys?.(spec.parameters, own) ?? null;
  const operator =
    keys === null
      ? factory.create(spec.parameters, own, spec)
      : new SpillingOperator({
          create: (environment) => factory.create(spec.parameters, environment, spec),
          keys,
          due: factory.spillDue?.(spec.parameters, own) ?? [],
          environment: own,
          room: own.spillRoom(),
        });
  return checkedOperator(operator, spec, settings.thoroughChecks);
}

function spillRoom(spec: OperatorSpec, { around, state }: EnvironmentParts): SpillRoom {
  const share = state.addShare();
  return {
    bytesMax: () => share.bytesMax(),
    openScratch: () => around.scratch.open(around.wake),
    registerState: (table) => state.registerSpilling(spec.operatorId, table, share),
  };
}

interface EnvironmentParts {
  readonly job: JobDeployment;
  readonly description: TaskDescription;
  readonly around: TaskSurroundings;
  readonly id: TaskId;
  readonly state: TaskState;
  /** Set when the source reads the embedded log. */
  readonly paced: { yes: boolean };
}

function environment(parts: EnvironmentParts, spec: OperatorSpec, index: number): OperatorEnvironment {
  const { job, description, around, id, state } = parts;
  const previous = description.operators[index - 1];
  const rowErrors = new RowErrors(BigInt(job.startEpoch) * BigInt(job.maxParallelism) + BigInt(description.subtask));
  // A source sets bad rows aside itself; whatever comes after it computes, and may fail.
  if (index > 0 || description.source === null) {
    state.register(spec.operatorId, rowErrors.state);
    if (description.source?.private !== true) around.publishRelation(id, `bad:${job.jobId}`, rowErrors);
  }
  return {
    subtaskIndex: description.subtask,
    parallelism: description.parallelism,
    maxParallelism: job.maxParallelism,
    keyGroups: keyGroupRange(description.subtask, description.parallelism, job.maxParallelism),
    startEpoch: job.startEpoch,
    startMicros: job.startMicros,
    showsRestored: description.shown?.includes(spec.operatorId) ?? false,
    inputColumns: previous === undefined ? description.inputColumns : [previous.outputColumns],
    inputAppendOnly: previous === undefined ? description.inputAppendOnly : [previous.outputAppendOnly],
    functions: around.registries.functions,
    aggregates: around.registries.aggregates,
    tableFunctions: around.registries.tableFunctions,
    connectors: around.registries.connectors,
    formats: around.registries.formats,
    clock: around.clock,
    logger: around.logger,
    interpreted: around.settings.interpreted,
    batchRows: around.settings.batchRows ?? BATCH_ROWS_TARGET,
    embeddedReader: (relation) => {
      parts.paced.yes = true;
      return around.embeddedReader(id, relation);
    },
    tableDelivery: (taken) => around.tableDelivery(id, taken),
    wake: around.wake,
    registerState: (table) => state.register(spec.operatorId, table),
    spillRoom: () => spillRoom(spec, parts),
    publishRelation: (relation, readable) => {
      if (description.source?.private !== true) around.publishRelation(id, relation, readable);
    },
    reportRowError: (failure) => {
      if (job.failOnRowError) throw failure.error;
      rowErrors.add(failure);
    },
    reportSink: (progress) => around.reportSink(id, progress),
    reportEnough: () => around.reportEnough(id),
  };
}
