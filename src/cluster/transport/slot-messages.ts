import type { SqlErrorFields } from '../../base/index.ts';
import type { Closing, Epoch } from '../../batch/index.ts';
import type { RelationId } from '../../jobgraph/index.ts';
import type {
  CatchUpProgress,
  ChangesFrom,
  EdgeDescription,
  EpochRelease,
  JobDeployment,
  ReadingLimit,
  Replay,
  TaskId,
  TaskMetrics,
} from '../../runtime/index.ts';
import type { DeltaHold, RelationScan, SinkProgress, SplitCut, SplitStatus, TieBreakers } from '../../spi/index.ts';
import type { StateBlock } from '../../state/index.ts';
import type { SqlType } from '../../types/index.ts';

/** Rows of one embedded log record for one relation. */
export interface EmbeddedRows {
  readonly position: number;
  /** Encoded batches. */
  readonly batches: readonly Uint8Array[];
}

/**
 * From the JobManager to a slot: plain data that survives a structured clone (shared memory of channels included). Everything about a
 * task names its attempt; a slot drops what is not for the attempt it runs.
 */
export type ToSlot =
  | { readonly kind: 'deploy'; readonly deployment: JobDeployment }
  | { readonly kind: 'restore'; readonly task: TaskId; readonly operatorId: string; readonly table: string; readonly blocks: readonly StateBlock[] }
  /** State is complete: load it, and step the tasks from now on. */
  | { readonly kind: 'run'; readonly jobId: string; readonly attempt: number }
  | { readonly kind: 'cancel'; readonly jobId: string; readonly attempt: number }
  | { readonly kind: 'attach'; readonly request: number; readonly attachment: Attachment }
  /** Takes an edge away: at once, or once barrier `afterEpoch` has gone out on it. */
  | { readonly kind: 'detach'; readonly task: TaskId; readonly edgeId: string; readonly afterEpoch: Epoch | null }
  /** The input at an edge ends: with the barrier of `epoch` as its last one, or at once, with a barrier of its own under that number. */
  | { readonly kind: 'endEdge'; readonly task: TaskId; readonly edgeId: string; readonly closing: Closing; readonly atOnce: boolean }
  | {
      readonly kind: 'cut';
      readonly epoch: Epoch;
      readonly tasks: readonly { readonly task: TaskId; readonly positions: ReadonlyMap<string, number> | null }[];
    }
  | { readonly kind: 'release'; readonly tasks: readonly { readonly task: TaskId; readonly release: EpochRelease }[] }
  | {
      readonly kind: 'replay';
      readonly tasks: readonly ({ readonly task: TaskId } & Replay)[];
    }
  /** The sources have consumers: read, behind what is to be replayed. */
  | { readonly kind: 'start'; readonly tasks: readonly TaskId[] }
  /** A private reader's next goal. */
  | ({ readonly kind: 'limit'; readonly task: TaskId } & ReadingLimit)
  /** Private readers end an epoch where they are, and answer with their cuts. */
  | { readonly kind: 'mark'; readonly tasks: readonly TaskId[]; readonly at: Closing }
  /** Deltas of materialised relations up to `through` are needed by nobody, those up to `pinnedThrough` by pins alone. */
  | { readonly kind: 'forget'; readonly relations: ReadonlyMap<RelationId, { readonly through: Epoch; readonly pinnedThrough: Epoch }> }
  /** Which deltas of a materialised relation go into state. */
  | { readonly kind: 'hold'; readonly relation: RelationId; readonly hold: DeltaHold }
  | { readonly kind: 'scan'; readonly scan: number; readonly relation: RelationId; readonly epoch: Epoch; readonly request: RelationScan }
  /** No read comes by a range of these columns any more. */
  | { readonly kind: 'dropIndex'; readonly relation: RelationId; readonly columns: readonly number[] }
  | { readonly kind: 'scanMore'; readonly scan: number }
  | { readonly kind: 'scanClose'; readonly scan: number }
  | { readonly kind: 'subscribe'; readonly subscription: number; readonly relation: RelationId; readonly from: ChangesFrom }
  | { readonly kind: 'unsubscribe'; readonly subscription: number }
  | { readonly kind: 'embeddedRows'; readonly reader: string; readonly records: readonly EmbeddedRows[]; readonly through: number }
  /** To a sink into a stored table: epochs up to `through` are durable there. */
  | { readonly kind: 'tableRowsTaken'; readonly task: TaskId; readonly through: Epoch; readonly problem: SqlErrorFields | null }
  /** Epoch `epoch` is a checkpoint: tasks that have finished before it hand in their state without a barrier. */
  | { readonly kind: 'checkpoint'; readonly epoch: Epoch }
  | { readonly kind: 'checkpointCommitted'; readonly epoch: Epoch }
  /** Asks for a report. */
  | { readonly kind: 'report' }
  | { readonly kind: 'close' };

/** Changes at the output of a task that take effect once barrier `afterEpoch` has gone out. */
export interface Attachment {
  readonly task: TaskId;
  readonly afterEpoch: Epoch;
  /** The new edge, or null when only columns change. */
  readonly edge: EdgeDescription | null;
  /**
   * The relation's content at `afterEpoch` goes in front, from the readable relation of this subtask; for a consumer that has it as of epoch `since`, what
   * has changed from there.
   */
  readonly catchUp: { readonly relation: RelationId; readonly columnCount: number; readonly since: Epoch | null } | null;
  /** The consumer's first barrier; it is its last one too when the task has ended by then. */
  readonly closing: Closing;
  /** A source reads this union of columns from then on; `columns` of the edges that exist already follow it. */
  readonly fields: readonly (readonly number[])[] | null;
  readonly columns: readonly { readonly edgeId: string; readonly columns: readonly number[] | null }[];
  /** The source has a consumer from then on. */
  readonly start: boolean;
}

/** A state table of a subtask, as its operator declares it. */
export interface DeployedTable {
  readonly operatorId: string;
  readonly table: string;
  readonly columns: readonly SqlType[];
  readonly keyCount: number;
  readonly tieBreakers: TieBreakers | null;
  /** All of it goes to every subtask. */
  readonly replicated: boolean;
}

export interface DeployedTask {
  readonly task: TaskId;
  readonly tables: readonly DeployedTable[];
  /** Relations readable in this subtask, its job's own and others (late rows, bad rows). */
  readonly relations: readonly RelationId[];
}

export interface TaskReport {
  readonly task: TaskId;
  readonly metrics: TaskMetrics;
  readonly tables: readonly {
    readonly operatorId: string;
    readonly table: string;
    readonly keys: number;
    readonly bytes: number;
    readonly spilledBytes: number;
  }[];
  /** Consumers that were or are being brought up to the relation, by their edges. */
  readonly catchUps: readonly (CatchUpProgress & { readonly edgeId: string })[];
  /** Deltas that its relations keep. */
  readonly retainedBytes: number;
  /** Where the splits of a private reader stand; null: it is none. */
  readonly positions: ReadonlyMap<string, number> | null;
}

/** From a slot to the JobManager. */
export type FromSlot =
  | { readonly kind: 'deployed'; readonly jobId: string; readonly attempt: number; readonly tasks: readonly DeployedTask[] }
  /** Its state is loaded: `tasks` have the sizes of that, before the first row. */
  | { readonly kind: 'running'; readonly jobId: string; readonly attempt: number; readonly tasks: readonly TaskReport[] }
  | { readonly kind: 'canceled'; readonly jobId: string; readonly attempt: number }
  | { readonly kind: 'failed'; readonly task: TaskId; readonly error: SqlErrorFields; readonly position: string }
  | { readonly kind: 'attached'; readonly request: number }
  | {
      readonly kind: 'cut';
      readonly task: TaskId;
      readonly epoch: Epoch;
      readonly cuts: readonly SplitCut[];
      readonly status: readonly SplitStatus[];
    }
  /** What a source waits for, or null when it waits no longer. */
  | { readonly kind: 'problem'; readonly task: TaskId; readonly problem: SqlErrorFields | null }
  | { readonly kind: 'progressed'; readonly task: TaskId }
  | { readonly kind: 'limitReached'; readonly task: TaskId }
  /** Nobody wants more of what the task's job reads. */
  | { readonly kind: 'enough'; readonly task: TaskId }
  /** A task that ends no epochs of its job has read more rows of relations than it had said. */
  | { readonly kind: 'read'; readonly task: TaskId; readonly metrics: TaskMetrics }
  | { readonly kind: 'passed'; readonly task: TaskId; readonly epoch: Epoch; readonly last: boolean; readonly metrics: TaskMetrics }
  /** What its newest epoch took to move state between memory and disk, where that is something else than before. */
  | { readonly kind: 'spilled'; readonly task: TaskId; readonly ms: number }
  | { readonly kind: 'snapshot'; readonly task: TaskId; readonly epoch: Epoch; readonly blocks: readonly StateBlock[] }
  | {
      readonly kind: 'scanned';
      readonly scan: number;
      readonly batches: readonly Uint8Array[];
      readonly done: boolean;
      readonly error: SqlErrorFields | null;
    }
  /** `batches` null: the epoch is not retained any more. */
  | {
      readonly kind: 'changed';
      readonly subscription: number;
      readonly subtask: number;
      readonly epoch: Epoch;
      /** Epoch time; null: not known of an epoch before the subscription. */
      readonly timestampMicros: number | null;
      readonly batches: readonly Uint8Array[] | null;
    }
  | { readonly kind: 'subscribed'; readonly subscription: number; readonly subtasks: number }
  | { readonly kind: 'embeddedOpen'; readonly reader: string; readonly task: TaskId; readonly relation: RelationId; readonly position: number }
  | { readonly kind: 'embeddedTaken'; readonly reader: string; readonly bytes: number }
  | { readonly kind: 'embeddedClose'; readonly reader: string }
  /** What a sink has for its stored table: an encoded batch. */
  | { readonly kind: 'tableRows'; readonly task: TaskId; readonly epoch: Epoch; readonly rows: Uint8Array }
  /** Totals of every task, and the sizes of its state tables. */
  | { readonly kind: 'report'; readonly tasks: readonly TaskReport[] }
  | { readonly kind: 'sinkProgress'; readonly task: TaskId; readonly progress: SinkProgress }
  | { readonly kind: 'stale'; readonly message: string }
  | { readonly kind: 'closed' };

/** Transferable buffers of a message, for transports that can hand memory over instead of copying it. */
export function transferables(message: FromSlot): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  const add = (bytes: Uint8Array): void => {
    if (bytes.buffer instanceof ArrayBuffer) buffers.add(bytes.buffer);
  };
  if (message.kind === 'snapshot') {
    for (const block of message.blocks) {
      add(block.upserts);
      add(block.deletes);
    }
  } else if (message.kind === 'tableRows') add(message.rows);
  else if (message.kind === 'scanned' || message.kind === 'changed') message.batches?.forEach(add);
  return [...buffers];
}
