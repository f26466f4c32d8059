/**
 * The control plane: JobManager (scheduler, epoch and checkpoint coordinator, the pure reducer over ExecutionGraph events), TaskManagers with slots, and the
 * Cluster interface sessions use.
 *
 * Knows job graphs and operators' factories through registries; knows no SQL and no plans.
 *
 * Start reading at cluster.ts.
 */
export type {
  Cluster,
  JobState,
  JobStatus,
  PinnedEpoch,
  SourceDeployment,
  SourcePartitionStatus,
  SubscriptionEvent,
  WriteRequest,
} from './cluster.ts';
