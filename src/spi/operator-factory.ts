import type { Clock, Logger, SqlError } from '../base/index.ts';
import type { Barrier, Batch, Epoch } from '../batch/index.ts';
import type { FunctionLookup } from '../expr/index.ts';
import type { EdgeColumn, Json, OperatorSpec, RelationId, SetAside } from '../jobgraph/index.ts';
import type { SqlType } from '../types/index.ts';
import type { AggregateDefinition } from './aggregate-definition.ts';
import type { ConnectorDefinition, SourceReader, Split, SplitStatus } from './connector-definition.ts';
import type { FormatDefinition } from './format-definition.ts';
import type { Registry } from './registry.ts';
import type { SpillRoom } from './spill-room.ts';
import type { TableDelivery, TableRowsTaken } from './table-delivery.ts';
import type { TableFunctionDefinition } from './table-function-definition.ts';

/** Where an operator puts rows. Ownership of the batch passes: it is immutable from then on. */
export interface Output {
  emit(batch: Batch): void;
}

/** Where a source puts rows. */
export interface SourceOutput extends Output {
  /** Whether somebody reads such rows. */
  wantsAside(kind: SetAside): boolean;
  /** Rows that the relation does not take, with all columns of their relation. */
  setAside(kind: SetAside, rows: Batch): void;
}

/** Inclusive range of key groups a subtask owns. */
export interface KeyGroupRange {
  readonly first: number;
  readonly last: number;
}

/** The last so many key columns, which only keep equal rows apart. */
export interface TieBreakers {
  readonly count: number;
  /**
   * What a savepoint makes of rows that are equal but for them: `numbered` counts them in the last of these columns, a float8; `summed` puts one row in their place, with the sum
   * of the last column of all, an int8. The other tie-breakers are 0.
   */
  readonly kind: 'numbered' | 'summed';
}

/** A table of operator state, as a relation: the first `keyCount` columns are the key. */
export interface StateTableDeclaration {
  readonly name: string;
  readonly columns: readonly SqlType[];
  readonly keyCount: number;
  /** The first so many key columns decide the key group; 0: the table belongs to subtask 0 as a whole. */
  readonly partitionKeyCount: number;
  /** Who has written a row, and in which order: savepoints leave it out. Absent: all of a row says what it is about. */
  readonly tieBreakers?: TieBreakers;
  /** Keys that are equal in SQL but not byte for byte (numeric 1.0 and 1.00) are of different rows. Absent: of one row. */
  readonly exactKeys?: boolean;
  /** Every subtask has all of its rows: at a checkpoint each writes those of its own key groups, and all get all of them back. */
  readonly replicated?: true;
  /** Columns that hold the key of `spillKeys`. Absent: the first ones. */
  readonly spillKey?: readonly number[];
  /** Few and large rows, each put once and deleted a checkpoint or two later: they are written once, and never copied into what is made for staying. */
  readonly fleeting?: true;
}

/**
 * What an operator keeps, declared to the state backend. The operator holds the rows in memory in whatever arrays suit it; the
 * backend asks for what changed at a checkpoint and hands back rows on restore. Values are absolute, so applying a row twice is harmless.
 */
export interface StateTable {
  readonly declaration: StateTableDeclaration;
  /**
   * Rows put and keys deleted since the last call, for the checkpoint at `epoch`; the operator copies what it still changes. Called between elements. No
   * two checkpoints that are kept have one epoch.
   */
  collectDirty(epoch: Epoch): { readonly upserts: Batch; readonly deletes: Batch };
  /** Rows of the restored state, several calls; only keys of the own key groups, or the whole table for partitionKeyCount 0 in subtask 0, and for a replicated one. */
  load(rows: Batch): void;
  /**
   * All rows, as `load` takes them. With it the table can leave memory: its operator may be thrown away between epochs and made again with some of the rows,
   * and the others are loaded when rows of their keys come, in the middle of an epoch that has not seen these keys yet. Absent: the table stays in memory.
   */
  all?(): Batch;
  /**
   * For a `spillDue` without column: of each row of `all`, in its order, from when on time alone changes something of it, in microseconds; Infinity: never. Rows
   * of a restored state that have not been in memory yet are due at once.
   */
  dueTimes?(): Float64Array;
  /** Keys of rows that the operator holds back until its barrier and no table has: columns of the key that routes. Absent: it holds none back. */
  heldKeys?(): Batch;
  /** Encoded size estimate, for the memory budget and fsql_catalog.operator_state. */
  sizeBytes(): number;
  keyCount(): number;
  /** What has left memory. Absent: nothing ever does. */
  spilledBytes?(): number;
}

/** A read of a materialised relation inside one slot. */
export interface RelationScan {
  /** Column positions wanted, in order. */
  readonly columns: readonly number[];
  /** Rows outside are not wanted; some may come all the same. Absent: all rows. */
  readonly range?: KeyRange;
}

/** Rows between two bounds in the order of some columns, NULL last. */
export interface KeyRange {
  /** Column positions of an index, in its order. */
  readonly columns: readonly number[];
  readonly low: KeyBound | null;
  readonly high: KeyBound | null;
}

export interface KeyBound {
  /** An encoded batch of one row: values of the first columns of the index. Rows that begin with them are at the bound. */
  readonly values: Uint8Array;
  readonly inclusive: boolean;
}

/** Content of a relation held by a materialising operator in this slot, readable at any pinned epoch. */
export interface ReadableRelation {
  /** Batches of the rows (weights expanded by the reader) as of `epoch`, which is to be pinned. 72000 when what it needs has been released. */
  scan(epoch: Epoch, request: RelationScan): Iterator<Batch>;
  /** Rows of the newest epoch, each once however often it is there. Absent: nobody has counted. */
  rowCount?(): number;
  /** The net change of one retained epoch, or null when it is not retained any more. */
  changes(epoch: Epoch): readonly Batch[] | null;
  /** The net changes still there of epochs whose time is later than `micros`, oldest first. Absent: times are not kept. */
  retainedSince?(micros: number): readonly HeldChange[];
  /** Forgets deltas of epochs up to and including `epoch`. */
  release(epoch: Epoch): void;
  /** Which deltas are kept in state from now on, for readers that will come back. Absent: none are kept there. */
  hold?(hold: DeltaHold): void;
  /** No read will come by a range of these columns. Absent: none is kept for them. */
  dropIndex?(columns: readonly number[]): void;
  /** Only pins need the deltas of epochs up to and including `epoch`. */
  pinnedThrough(epoch: Epoch): void;
  /** What is kept for pins alone. */
  pinned(): PinnedDeltas;
  /** All deltas that are kept, for whomever. Absent: none. */
  retainedBytes?(): number;
}

/** Deltas to be kept in state: those that either of the two asks for. */
export interface DeltaHold {
  /** Of epochs behind this one; null: none. */
  readonly after: Epoch | null;
  /** Younger than this, by epoch time; null: none. */
  readonly forMicros: number | null;
}

/** Part of an epoch's net change. */
export interface HeldChange {
  readonly epoch: Epoch;
  /** Epoch time. */
  readonly timestampMicros: number;
  readonly batch: Batch;
}

/** Deltas that are kept for pinned epochs alone. */
export interface PinnedDeltas {
  readonly bytes: number;
  /** Epoch of the oldest; null without any. */
  readonly oldest: Epoch | null;
}

/** Of a relation without epochs. */
export const NO_PINNED_DELTAS: PinnedDeltas = { bytes: 0, oldest: null };

/** A row an operator cannot compute (on_row_error). Retracted by the same call with weight -1 when its input row goes. */
export interface RowError {
  readonly error: SqlError;
  /** Text of the expression that failed. */
  readonly expression: string;
  /** Readable text of the input row. */
  readonly row: string;
  readonly weight: number;
}

/** Everything an operator may touch. */
export interface OperatorEnvironment {
  readonly subtaskIndex: number;
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly keyGroups: KeyGroupRange;
  /** The epoch behind which this attempt begins: state that is loaded is of its end. */
  readonly startEpoch: Epoch;
  /** Epoch time of the checkpoint that loaded state is of, micros since 1970 UTC; 0 without one. */
  readonly startMicros: bigint;
  /** What is behind the operator begins anew: all that it has shown by the state it is handed counts as not shown, and comes with the first barrier. */
  readonly showsRestored: boolean;
  readonly inputColumns: readonly (readonly EdgeColumn[])[];
  readonly inputAppendOnly: readonly boolean[];
  readonly functions: FunctionLookup;
  readonly aggregates: Registry<AggregateDefinition>;
  readonly tableFunctions: Registry<TableFunctionDefinition>;
  readonly connectors: Registry<ConnectorDefinition>;
  readonly formats: Registry<FormatDefinition>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Interpreter only, for the configuration `interpreted`. */
  readonly interpreted: boolean;
  /** Rows a batch aims at; 3 in the configuration `batch-size-3`. */
  readonly batchRows: number;
  /** Reader of the embedded log of a stored table or an embedded stream: rows come as columns with weights, positions are log positions. */
  embeddedReader(relation: RelationId): SourceReader;
  /** Where a sink into a stored table leaves its rows. */
  tableDelivery(taken: TableRowsTaken): TableDelivery;
  /** Asks the host to step this subtask again: something asynchronous has arrived. */
  wake(): void;
  registerState(table: StateTable): void;
  /** One for each call; each is an equal part. */
  spillRoom(): SpillRoom;
  publishRelation(relation: RelationId, readable: ReadableRelation): void;
  reportRowError(failure: RowError): void;
  reportSink(progress: SinkProgress): void;
  /** Nobody wants more of what the job reads. */
  reportEnough(): void;
}

/** How far a subtask of a sink has come, for fsql_catalog.sink_progress; a job is not finished while something waits to be committed. */
export interface SinkProgress {
  readonly sink: string;
  /** Rows written by this attempt. */
  readonly rows: number;
  /** Rows written since the newest commit. */
  readonly pendingRows: number;
  /** Prepared, and not committed yet. */
  readonly pendingCommits: number;
  /** Everything up to this epoch is committed. */
  readonly committedEpoch: Epoch;
  /** Why the newest commit failed, until one succeeds. */
  readonly problem: string | null;
  readonly delivery: 'none' | 'at-least-once' | 'exactly-once';
  /** Held back for a checkpoint or a commit. */
  readonly pendingBytes: number;
  /** What the output itself says is committed, for people; null where it says nothing. */
  readonly marker: string | null;
  /** So much is held back that a checkpoint should be made before the next one is due. */
  readonly wantsCheckpoint: boolean;
}

/**
 * One operator of one subtask. Called by its task, one element at a time, never re-entered. Order per epoch: any number
 * of processBatch and processWatermark, then processBarrier, in which a stateful operator emits its net delta of the epoch.
 */
export interface Operator {
  processBatch(input: number, batch: Batch, out: Output): void;
  /** The minimum over all inputs has advanced to `micros`. The task forwards it downstream afterwards. */
  processWatermark?(micros: bigint, out: Output): void;
  /** Called before the barrier goes downstream. */
  processBarrier?(barrier: Barrier, out: Output): void;
  /** False: no input now; wake() will be called. Absent: always ready. */
  ready?(): boolean;
  /** Called after processBarrier until it says `done`: the epoch goes on in portions, or waits for wake(). Absent: processBarrier has done all. */
  continueBarrier?(barrier: Barrier, out: Output): 'done' | 'more' | 'waiting';
  /**
   * Milliseconds that moving state between memory and disk has taken so far. That is a cost of epochs, hardly of their rows: the fewer epochs, the less of it.
   * Absent: none.
   */
  spillMs?(): number;
  /** False: not all of the epoch is out yet (a sink waits for acknowledgements); the barrier waits. Absent: true. */
  barrierReady?(barrier: Barrier): boolean;
  /** The checkpoint of `epoch` is durable: what was held for epochs up to it may leave. May be late or lost. */
  checkpointCommitted?(epoch: Epoch): void;
  close?(): void | Promise<void>;
}

/** Rows at the positions [from, to) were bad if their time was above `latestMicros`, when they were read. */
export interface FutureVerdict {
  readonly from: number;
  readonly to: number;
  readonly latestMicros: bigint;
}

/**
 * What was decided about rows of a split by more than its own prefix (docs/semantics.md, Event time), ascending by position. Whoever reads the rows again, after a crash
 * or for a later view, decides the same.
 */
export interface SplitVerdicts {
  /** From `position` on rows below `micros` are late: the split was idle there. */
  readonly floors: readonly { readonly position: number; readonly micros: bigint }[];
  readonly future: readonly FutureVerdict[];
}

/** Progress of one split at a cut; all of it is stored in the epoch record and handed back on restore. */
export interface SplitCut {
  readonly split: string;
  /** Next position to read. */
  readonly position: number;
  /** Largest event time seen in the split, or null. */
  readonly maxEventMicros: bigint | null;
  /** Rows below this event time are late whatever the split's own maximum (set when it comes back from idle), or null. */
  readonly floorMicros: bigint | null;
  readonly idle: boolean;
  /** Bounded and read to its end. */
  readonly finished: boolean;
  /** Verdicts since the last cut. */
  readonly future: readonly FutureVerdict[];
}

/** The head of a source chain. It has no input: the task polls it, and the JobManager tells it where an epoch ends. */
export interface SourceOperator {
  /** Emits up to about `rowsMax` rows that lie before the limit. `blocked` until wake() when nothing is ready; `finished` when every split is read to its end. */
  poll(rowsMax: number, out: SourceOutput): 'progress' | 'blocked' | 'finished';
  /** Splits this subtask reads, with where to start (from the plan, or from the epoch record on restore). */
  assign(splits: readonly { readonly split: Split; readonly from: SplitCut }[]): void;
  /** Where every split stands now: the cut of an epoch. */
  cut(): readonly SplitCut[];
  /**
   * Do not read past these positions (null: no limit). With `verdicts` by split the rows before them have been judged once, in a recorded epoch or for
   * other views, and are judged alike.
   */
  limit(positions: ReadonlyMap<string, number> | null, verdicts: ReadonlyMap<string, SplitVerdicts> | null): void;
  /** True when every split has reached its limit. */
  limitReached(): boolean;
  /**
   * The relation's watermark of the epoch just cut, decided by the JobManager over all subtasks, and the splits it has declared idle: when one
   * of those comes back, `micros` as last decided is its floor.
   */
  watermarkDecided(micros: bigint, idleSplits: ReadonlySet<string>): void;
  /** Event-time bound of this source, or null without WATERMARK: a split's watermark is its maxEventMicros minus the delay. */
  readonly watermarkDelayMicros: bigint | null;
  /** Bytes of the messages read so far. Absent: what was emitted counts. */
  bytesRead?(): number;
  status(): readonly SplitStatus[];
  problem(): SqlError | null;
  /** Columns wanted by the consumers have changed; takes effect with the next poll. */
  setFields(fields: readonly (readonly number[])[]): void;
  close(): Promise<void>;
}

/**
 * Rows of a state table are due once the clock minus the lateness has reached their time in `column`; those that have none never are. The column is a timestamp, or a float8 of
 * microseconds. `touches` is the time of epochs as a ttl counts it: rows have it from the epoch that touched them last, and the end of the input does not move it.
 */
export interface SpillDue {
  readonly table: string;
  /** Null: the table's `dueTimes` say. */
  readonly column: number | null;
  readonly clock: 'watermark' | 'epoch' | 'touches';
  readonly latenessMicros: bigint;
  /** Rows that are due go, and nothing comes of it: where they lie on disk they are deleted there. Absent: the operator has to see them. */
  readonly forgotten?: true;
}

/** The runtime half of an operator family member; TaskManagers know nothing else of operators. */
export interface OperatorFactory {
  readonly kind: string;
  readonly version: number;
  /** `parameters` is validated by the factory's own codec; the environment is the subtask's. */
  create(parameters: Json, environment: OperatorEnvironment, spec: OperatorSpec): Operator;
  /**
   * By input the columns whose hash has routed the rows, where the operator's state may leave memory by keys: rows of different keys never meet, the first
   * key columns of every table are these or it says where they are, and time alone changes nothing but what `spillDue` says. Null or absent: it may not.
   */
  spillKeys?(parameters: Json, environment: OperatorEnvironment): readonly (readonly number[])[] | null;
  /** What time changes of such an operator's state, at a barrier behind which no rows of the epoch follow. Absent: nothing. */
  spillDue?(parameters: Json, environment: OperatorEnvironment): readonly SpillDue[];
}

/** A factory of chain heads that read. */
export interface SourceOperatorFactory {
  readonly kind: string;
  readonly version: number;
  createSource(parameters: Json, environment: OperatorEnvironment, spec: OperatorSpec): SourceOperator;
}
