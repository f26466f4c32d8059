import type { SqlErrorFields } from '../../base/index.ts';
import type { JobState } from '../cluster.ts';

/** State of one attempt of one subtask (Flink's execution states). */
export type TaskExecutionState = 'SCHEDULED' | 'DEPLOYING' | 'INITIALIZING' | 'RUNNING' | 'FINISHED' | 'CANCELING' | 'CANCELED' | 'FAILED';

export interface JobExecution {
  readonly state: JobState;
  /** 0 before the first deployment; each deployment of the job is one attempt. */
  readonly attempt: number;
  readonly taskNames: readonly string[];
  readonly tasks: Readonly<Record<string, TaskExecutionState>>;
  readonly restarts: number;
  readonly error: SqlErrorFields | null;
  /** The last failure of class `user`: where, and how often in a row there. */
  readonly repeated: { readonly position: string; readonly count: number } | null;
  /** What follows once every task of a stopping attempt is gone. */
  readonly after: 'restart' | 'suspend' | 'fail' | null;
}

export interface ExecutionState {
  readonly jobs: Readonly<Record<string, JobExecution>>;
  /** Messages of older attempts, or about jobs that do not exist (any more), that were dropped. */
  readonly stale: number;
}

export type ExecutionEvent =
  | { readonly kind: 'submitted'; readonly job: string; readonly tasks: readonly string[] }
  /** Slots are there for the job: a new attempt begins. */
  | { readonly kind: 'scheduled'; readonly job: string }
  | { readonly kind: 'deploying'; readonly job: string; readonly attempt: number }
  | { readonly kind: 'deployed'; readonly job: string; readonly attempt: number; readonly tasks: readonly string[] }
  | { readonly kind: 'running'; readonly job: string; readonly attempt: number; readonly tasks: readonly string[] }
  | { readonly kind: 'finished'; readonly job: string; readonly attempt: number; readonly tasks: readonly string[] }
  | { readonly kind: 'canceled'; readonly job: string; readonly attempt: number; readonly tasks: readonly string[] }
  | {
      readonly kind: 'failed';
      readonly job: string;
      readonly attempt: number;
      readonly task: string;
      readonly error: SqlErrorFields;
      readonly position: string;
    }
  /** A job of the same region has failed: this one restarts with it, through no fault of its own. */
  | { readonly kind: 'interrupted'; readonly job: string }
  /** The job stops for a change of itself or of its region, and waits to be scheduled again: SUSPENDED. */
  | { readonly kind: 'suspended'; readonly job: string }
  /** A job of which nothing runs has other tasks from now on. */
  | { readonly kind: 'rescaled'; readonly job: string; readonly tasks: readonly string[] }
  /** A job this one reads is gone for good. */
  | { readonly kind: 'abandoned'; readonly job: string; readonly error: SqlErrorFields }
  | { readonly kind: 'dropped'; readonly job: string };

export type ExecutionCommand =
  | { readonly kind: 'cancelTasks'; readonly job: string; readonly attempt: number }
  /** The job's region has to restart. */
  | { readonly kind: 'interruptRegion'; readonly job: string }
  /** All tasks of the attempt are gone; schedule again, after a delay that grows with `restarts`. */
  | { readonly kind: 'restart'; readonly job: string; readonly restarts: number }
  | { readonly kind: 'jobRunning'; readonly job: string }
  | { readonly kind: 'jobFinished'; readonly job: string }
  | { readonly kind: 'jobFailed'; readonly job: string }
  | { readonly kind: 'jobCanceled'; readonly job: string };
