/**
 * The control plane: JobManager (epochs, checkpoints, restarts, the pure reducer over execution events), TaskManager with slots, and the Cluster interface
 * sessions use.
 *
 * Knows job graphs and operators' factories through registries; knows no SQL and no plans, no thread and no socket: slots come from a SlotLauncher,
 * connections from a Network.
 *
 * Laws
 * - One graph a server: a relation has one producing job and any number of consuming ones; jobs come and go at epoch boundaries.
 * - Between JobManager and slots go plain messages only, each for one attempt; a stale one is dropped and counted.
 * - Subtask i of every vertex lives in slot i of the job's slot sharing group, so co-partitioned operators meet in one slot.
 * - How wide a job runs is decided in one place (job-manager/slot-shares.ts), from the jobs and slots there are, and kept nowhere.
 * - What another process says counts for one registration; when its connection or its heartbeats end, so does everything it ran.
 *
 * Start reading at cluster.ts, then create-cluster.ts, job-manager/job-manager.ts, slot/slot.ts, task-manager/task-manager.ts.
 */
export type {
  Cluster,
  JobState,
  JobStatus,
  PinnedEpoch,
  SavedCheckpoint,
  SourceDeployment,
  SourcePartitionStatus,
  SubscriptionEvent,
  TableDeliveries,
  TableRows,
  Takeover,
  WriteRequest,
} from './cluster.ts';
export type {
  BackfillInputStatus,
  BackfillStatus,
  ClusterMonitor,
  HistoryEntry,
  OperatorStateStatus,
  RestoredStateStatus,
  SinkProgressStatus,
  SlotStatus,
  SubtaskStatus,
  TaskManagerStatus,
  TimeRatios,
  VertexStatus,
} from './cluster-monitor.ts';
export { type ClusterHooks, type ClusterOptions, createCluster } from './create-cluster.ts';
export { FrontEndProcess, type ServedAt } from './front-end/index.ts';
export { isInterruptedRead, type JobRequest, plansOfSavepoint, type ReactiveMode, UnclaimedState } from './job-manager/index.ts';
export { TaskManagerRegistry, type TaskManagerRegistryOptions } from './resource-manager/index.ts';
export type { Identity } from './rpc/index.ts';
export {
  type InThreadSlotsOptions,
  inThreadSlots,
  runSlotWorker,
  type SlotPort,
  type SlotWorkerOptions,
  type WorkerThread,
  workerSlots,
} from './slot/index.ts';
export { parseAddress, TaskManagerProcess, type TaskManagerProcessOptions } from './task-manager/index.ts';
export type { SlotLaunch, SlotLauncher } from './transport/index.ts';
