/**
 * Runs subtasks: channels, exchange, barrier alignment, watermark valve, operator chains, state on its way to checkpoints.
 *
 * Knows nothing of SQL, plans or sessions, and nothing of threads: everything a subtask needs arrives in a TaskDescription, and tasks are
 * synchronous step machines that hosts (cluster/slot) step. Operators come from registries.
 *
 * Laws
 * - A subtask handles one element at a time and to completion.
 * - Per epoch and channel: data, then the watermark decided for the epoch, then its barrier. Barriers are aligned, always.
 * - A barrier leaves a chain only after every operator in it has taken its snapshot.
 * - Batches are immutable once sent; no input is taken while an output lacks credit, so nothing queues without bound.
 *
 * Start reading at task/task.ts, then task/operator-task.ts, channel/channel.ts, deployment/task-description.ts.
 */
export { BELL_LINES, type BellLine, BellPull, Doorbell, Ring, ringMemory } from './channel/index.ts';
export {
  type BuiltTask,
  buildTask,
  type ChannelDescription,
  type ChannelRing,
  type EdgeDescription,
  type InputDescription,
  type JobDeployment,
  ROW_ERRORS,
  SlotChannels,
  type SlotRegistries,
  type SlotSettings,
  type SourceDescription,
  type TaskDescription,
  type TaskSurroundings,
} from './deployment/index.ts';
export { connectedSubtasks } from './exchange/index.ts';
export { type CatchUpProgress, type ChangesFrom, RelationCatchUp, SubscriptionTap } from './reading/index.ts';
export { ScratchRuns, SpillingOperator, type TableChanges, UnsavedChanges } from './spill/index.ts';
export { encodeSnapshot, restoreTable, SlotBudget, type StateSnapshot, type TaskState } from './state/index.ts';
export {
  type EpochRelease,
  OperatorTask,
  type ReadingLimit,
  type Replay,
  SourceTask,
  type StepResult,
  type Task,
  type TaskEvents,
  type TaskId,
  type TaskMetrics,
} from './task/index.ts';
