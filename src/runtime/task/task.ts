import type { SqlError } from '../../base/index.ts';
import type { Barrier, Batch, Epoch } from '../../batch/index.ts';
import type { SplitCut } from '../../spi/index.ts';
import type { StateSnapshot } from '../state/index.ts';

/**
 * What one step of a task did. `idle`: no input. `blocked`: waits for credit downstream or for something asynchronous.
 * `finished`: the last barrier has gone; the task will not do anything any more.
 */
export type StepResult = 'progress' | 'idle' | 'blocked' | 'finished';

/** Identifies one attempt of one subtask; every message about it carries this, so that a stale one can be told. */
export interface TaskId {
  readonly jobId: string;
  readonly attempt: number;
  readonly vertex: string;
  readonly subtask: number;
}

/** A synchronous step machine. Only hosts wait; nothing in here knows what thread it runs on. */
export interface Task {
  readonly id: TaskId;
  readonly metrics: TaskMetrics;
  step(): StepResult;
  close(): Promise<void>;
}

/** Running totals of one subtask. Busy, idle and backpressured time are filled in by the host, which alone has a clock at hand for each step. */
export interface TaskMetrics {
  rowsIn: number;
  rowsOut: number;
  bytesIn: number;
  bytesOut: number;
  /** Of these, what came from a source or another job: not what another task of the job has handed on. */
  rowsRead: number;
  bytesRead: number;
  /** The newest watermark sent on. */
  watermarkMicros: bigint | null;
  busyMs: number;
  idleMs: number;
  backpressuredMs: number;
  /** See Operator.spillMs; as of the newest barrier. */
  spillMs: number;
}

export function emptyTaskMetrics(): TaskMetrics {
  return {
    rowsIn: 0,
    rowsOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    rowsRead: 0,
    bytesRead: 0,
    watermarkMicros: null,
    busyMs: 0,
    idleMs: 0,
    backpressuredMs: 0,
    spillMs: 0,
  };
}

/** What a task tells its slot. Called inside a step. */
export interface TaskEvents {
  /** Barrier `epoch` has gone downstream. */
  barrierPassed(task: Task, barrier: Pick<Barrier, 'epoch' | 'last' | 'checkpoint'>): void;
  /** Dirty state at a checkpoint barrier: copied already, encoded later. */
  snapshotTaken(task: Task, snapshot: StateSnapshot): void;
  /** A source stands at its cut. */
  cutReached(task: Task, epoch: Epoch, cuts: readonly SplitCut[]): void;
  /** First rows since the last cut: an epoch is worth making. */
  sourceProgressed(task: Task): void;
  /** What a source waits for has changed; null: it waits no longer. */
  problemChanged(task: Task, problem: SqlError | null): void;
  /** A private reader has come to the limit it was given. */
  limitReached(task: Task): void;
}

/** Sees the changelog of a task: a subscription, or a consumer that has not caught up yet. */
export interface OutputListener {
  batch?(batch: Batch): void;
  /** The epoch is complete in this subtask; called right after the barrier went to the live edges. */
  barrier(mark: EpochMark): void;
  /** False: the listener is too far behind, the task should take no more input. */
  hasCredit(): boolean;
}

/** What travelled at the end of an epoch, for those who replay it later. */
export interface EpochMark {
  readonly epoch: Epoch;
  readonly timestampMicros: bigint;
  readonly watermarkMicros: bigint | null;
  readonly checkpoint: boolean;
  readonly last: boolean;
}
