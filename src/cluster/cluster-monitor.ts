import type { Epoch } from '../batch/index.ts';
import type { RelationId } from '../jobgraph/index.ts';

/** Shares of the time between the two newest reports; they sum to 1. */
export interface TimeRatios {
  readonly busy: number;
  readonly idle: number;
  readonly backpressured: number;
}

/** What a subtask and a vertex have in common. Totals are those of the present attempt. */
interface RunningStatus {
  readonly jobId: string;
  readonly vertexId: string;
  readonly state: string;
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Null before the second report. Of a vertex: those of the busiest subtask, which is the one that limits it. */
  readonly ratios: TimeRatios | null;
  readonly watermarkMicros: bigint | null;
}

/** A subtask as fsql_catalog.subtasks shows it. */
export interface SubtaskStatus extends RunningStatus {
  readonly subtask: number;
  readonly attempt: number;
  /** `<task manager>/<number>`, null while it has none. */
  readonly slot: string | null;
}

/** A vertex: its subtasks together, the worst of them where a sum says nothing. */
export interface VertexStatus extends RunningStatus {
  /** Labels of the chained operators. */
  readonly operators: readonly string[];
  readonly parallelism: number;
}

/** A process with slots. */
export interface TaskManagerStatus {
  readonly id: string;
  /** host:port, null: it is the server's own process. */
  readonly address: string | null;
  readonly slots: number;
  readonly freeSlots: number;
  readonly memoryBudgetBytes: number;
  readonly memoryUsedBytes: number;
  /** Wall clock of its last sign of life. */
  readonly lastHeartbeatMicros: bigint | null;
}

export interface SlotStatus {
  /** `<task manager>/<number>`. */
  readonly id: string;
  readonly taskManager: string;
  readonly state: 'free' | 'allocated';
  /** Whose jobs share it; null: it is free. */
  readonly slotSharingGroup: string | null;
  readonly jobs: readonly string[];
  readonly memoryBudgetBytes: number;
  readonly memoryUsedBytes: number;
  /** Wall clock of its newest report. */
  readonly reportedAtMicros: bigint | null;
}

/** Why an epoch or a checkpoint is made: its time has come, somebody waits for it, or a sink holds back more than it should. */
export type CheckpointTrigger = 'interval' | 'statement' | 'size';

/** One of the newest epochs or checkpoints. */
export interface HistoryEntry {
  readonly id: Epoch;
  readonly state: 'in progress' | 'complete' | 'failed';
  readonly trigger: CheckpointTrigger;
  readonly startedAtMicros: bigint;
  readonly durationMs: number | null;
  readonly bytes: number | null;
  readonly rows: number | null;
  readonly failure: string | null;
}

export interface OperatorStateStatus {
  readonly jobId: string;
  readonly operator: string;
  readonly table: string;
  readonly keys: number;
  /** In memory. */
  readonly bytes: number;
  readonly spilledBytes: number;
}

/** An operator with state at the start of this server. */
export interface RestoredStateStatus {
  readonly jobId: string;
  /** The relation; null: the checkpoint does not say, and nothing is defined any more that it could be of. */
  readonly name: string | null;
  readonly kind: string | null;
  readonly operator: string;
  readonly operatorId: string;
  /** `new`: the operator has begun without any, and what it reads brings it all it has missed. */
  readonly state: 'restored' | 'new' | 'dropped';
  /** Null: there were none, or nobody has counted what was dropped with its relation. */
  readonly rows: number | null;
  readonly bytes: number | null;
}

export interface SinkProgressStatus {
  readonly jobId: string;
  readonly sink: string;
  /** Everything up to it is committed in every subtask. */
  readonly committedEpoch: Epoch;
  readonly rows: number;
  readonly pendingRows: number;
  readonly problem: string | null;
  readonly delivery: string;
  /** Held back for a checkpoint or a commit. */
  readonly pendingBytes: number;
  /** What the output itself says is committed; null where it says nothing. */
  readonly marker: string | null;
}

/** How far a new job is with what one of its inputs held when it began. */
export interface BackfillInputStatus {
  readonly relation: RelationId;
  /** Each row once, however often it is there. */
  readonly rowsRead: number;
  /** Null where only positions say how much there is, and before it is known. */
  readonly rowsTotal: number | null;
  /** Sums over the partitions of a source; null: a stored relation is read. */
  readonly offsets: { readonly read: number; readonly total: number } | null;
  /** Of a source's offsets: how many had been read when it went on after a crash or failure; null: it has begun by itself. */
  readonly resumedAt: number | null;
  /** Of a source's offsets: how many of them the newest checkpoint has, which need not be read again after a crash; null: none has any. */
  readonly kept: number | null;
  /** From 0 to 1, which is all; null: not known yet. */
  readonly share: number | null;
}

/**
 * `waiting`: other changes of jobs come first, or what it reads does not run. `starting`: its subtasks are being made. `reading`: it reads what its inputs held at `epoch`. `catching
 * up`: all of that has been sent, and it works through it and what has changed meanwhile. `publishing`: its first checkpoint is made, behind which it is there.
 */
export type BackfillPhase = 'waiting' | 'waiting for slots' | 'starting' | 'reading' | 'catching up' | 'publishing';

/** How far a new job is on its way to be there. */
export interface BackfillStatus {
  readonly phase: BackfillPhase;
  /** In words; null: it does not wait. */
  readonly waitsFor: string | null;
  /** The epoch at whose end its inputs are read; null: not decided yet. */
  readonly epoch: Epoch | null;
  readonly inputs: readonly BackfillInputStatus[];
}

/** Figures of the running cluster. Answers come from what the slots have last reported, about once a second while epochs are made. */
export interface ClusterMonitor {
  vertices(): readonly VertexStatus[];
  subtasks(): readonly SubtaskStatus[];
  taskManagers(): readonly TaskManagerStatus[];
  slots(): readonly SlotStatus[];
  /** The last 100, oldest first. */
  epochs(): readonly HistoryEntry[];
  /** The last 100, oldest first. */
  checkpoints(): readonly HistoryEntry[];
  operatorStates(): readonly OperatorStateStatus[];
  /** What became of the checkpoint's state when this server started; empty when it started without one. Jobs that have not come up yet are missing. */
  restoredState(): readonly RestoredStateStatus[];
  sinks(): readonly SinkProgressStatus[];
  /** Of a job that is being deployed, or was since this server started; null: there is none. Reports come once a second until it is there. */
  backfill(jobId: string): BackfillStatus | null;
}
