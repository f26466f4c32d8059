/**
 * The interfaces built-ins implement, and the Registry that hands them out: aggregates, operators (runtime half), connectors,
 * formats, state tables. A definition is data plus small functions; the engine asks it questions and never compares kinds.
 *
 * No implementation lives here, but what runs one aggregate call over rows and what rows of a sink become as records. Scalar functions and casts are declared in expr, whose evaluator calls them.
 *
 * Start reading at operator-factory.ts, then connector-definition.ts and function-definition.ts.
 */
export type { Accumulator, AccumulatorInput, AggregateDefinition, AggregateOptions, ReferenceAggregate } from './aggregate-definition.ts';
export type {
  ConnectorDefinition,
  MetadataColumn,
  OutboxStatus,
  Prepared,
  SinkCapability,
  SinkContext,
  SinkShape,
  SinkWriter,
  SourceCapability,
  SourceChunk,
  SourceContext,
  SourceReader,
  Split,
  SplitContext,
  SplitStatus,
} from './connector-definition.ts';
export type { DecodedBatch, DecodeField, Decoder, EncodedMessages, EncodedRows, Encoder, FormatDefinition, TakenRows } from './format-definition.ts';
export type { LookupAnswer, LookupCache, LookupCapability, LookupContext, LookupReader, LookupRetry, LookupSettings } from './lookup-capability.ts';
export {
  headersAsColumn,
  headersColumn,
  headersColumnOption,
  headersMetadata,
  headersOfRow,
  isHeadersType,
  type MessageHeader,
} from './message-headers.ts';
export type {
  DeltaHold,
  FutureVerdict,
  HeldChange,
  KeyBound,
  KeyGroupRange,
  KeyRange,
  Operator,
  OperatorEnvironment,
  OperatorFactory,
  Output,
  PinnedDeltas,
  ReadableRelation,
  RelationScan,
  RowError,
  SinkProgress,
  SourceOperator,
  SourceOperatorFactory,
  SourceOutput,
  SpillDue,
  SplitCut,
  SplitVerdicts,
  StateTable,
  StateTableDeclaration,
  TieBreakers,
} from './operator-factory.ts';
export { NO_PINNED_DELTAS } from './operator-factory.ts';
export type { OptionDefinition } from './option-definition.ts';
export { checkPartitioner, partitionColumn, partitionOptions, RecordPartitions } from './record-partition.ts';
export { Registry } from './registry.ts';
export { type AggregateOverRows, type RowEvaluator, RunningAggregate } from './running-aggregate.ts';
export type { ScriptDeclaration, ScriptDefinitions } from './script-declaration.ts';
export { recordCopies, timestampColumn, timestampColumnOption, timestampMsOf, valueColumns } from './sink-records.ts';
export type { Scratch, SpillRoom } from './spill-room.ts';
export type { TableDelivery, TableRowsTaken } from './table-delivery.ts';
export type { TableFunctionDefinition } from './table-function-definition.ts';
