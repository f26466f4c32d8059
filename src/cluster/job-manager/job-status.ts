import { SqlError } from '../../base/index.ts';
import type { TaskMetrics } from '../../runtime/index.ts';
import type { JobStatus } from '../cluster.ts';
import type { EpochPace } from './epoch-pace.ts';
import type { JobRegistry } from './job-registry.ts';
import { isPrivateReader } from './job-topology.ts';
import { demandOf, type ManagedJob, taskName } from './managed-job.ts';
import type { Monitor } from './monitor.ts';
import type { SlotWaits } from './slot-waits.ts';

export interface JobStatusParts {
  readonly registry: JobRegistry;
  readonly waits: Pick<SlotWaits, 'problemOf'>;
  readonly pace: EpochPace;
  readonly monitor: Pick<Monitor, 'metricsOf'>;
}

/** A job as fsql_catalog.jobs shows it. */
export function jobStatus(job: ManagedJob, { registry, waits, pace, monitor }: JobStatusParts): JobStatus {
  const execution = registry.execution(job);
  const { graph } = job;
  const metrics = [...job.metrics.values()];
  const read = job.tasks
    .filter((task) => !isPrivateReader(task.vertex))
    .map((task) => newest(job.metrics.get(taskName(task)) ?? null, monitor.metricsOf(job, task)));
  return {
    jobId: graph.jobId,
    name: graph.name,
    kind: graph.kind,
    state: job.pausedAt !== null && execution.state !== 'FAILED' ? 'SUSPENDED' : execution.state,
    parallelism: job.width,
    wantedParallelism: demandOf(job.planned).width,
    slotSharingGroup: job.demand.group,
    maxParallelism: graph.maxParallelism,
    restarts: execution.restarts,
    createdAtMicros: job.createdAtMicros,
    startedAtMicros: job.startedAtMicros,
    finishedAtMicros: job.finishedAtMicros,
    rowsIn: read.reduce((sum, metric) => sum + (metric?.rowsRead ?? 0), 0),
    rowsOut: graph.kind === 'sink' ? rowsWritten(job) : metrics.reduce((sum, metric) => sum + metric.rowsOut, 0),
    bytesIn: read.reduce((sum, metric) => sum + (metric?.bytesRead ?? 0), 0),
    epochPaceMs: pace.ofJob(job),
    error: waits.problemOf(job) ?? (execution.error === null ? null : new SqlError(execution.error)),
  };
}

/** Tasks that end the job's epochs say with each what they have read, all others from time to time. */
function newest(passed: TaskMetrics | null, reported: TaskMetrics | null): TaskMetrics | null {
  if (passed === null || reported === null) return passed ?? reported;
  return passed.rowsRead >= reported.rowsRead ? passed : reported;
}

/** What the outputs of a sink have taken, as they reported last: its operators hand on to nobody. */
function rowsWritten(job: ManagedJob): number {
  return [...job.sinkProgress.values()].reduce((sum, progress) => sum + progress.rows, 0);
}
