import { SqlError } from '../../base/index.ts';
import type { JobStatus } from '../cluster.ts';
import type { EpochPace } from './epoch-pace.ts';
import type { JobRegistry } from './job-registry.ts';
import { demandOf, type ManagedJob, taskName } from './managed-job.ts';
import type { SlotWaits } from './slot-waits.ts';

export interface JobStatusParts {
  readonly registry: JobRegistry;
  readonly waits: Pick<SlotWaits, 'problemOf'>;
  readonly pace: EpochPace;
}

/** A job as fsql_catalog.jobs shows it. */
export function jobStatus(job: ManagedJob, { registry, waits, pace }: JobStatusParts): JobStatus {
  const execution = registry.execution(job);
  const { graph } = job;
  const metrics = [...job.metrics.values()];
  const outputs = job.tasks.filter((task) => task.terminal).map((task) => job.metrics.get(taskName(task)));
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
    rowsIn: metrics.reduce((sum, metric) => sum + metric.rowsRead, 0),
    rowsOut: graph.kind === 'sink' ? rowsWritten(job) : outputs.reduce((sum, metric) => sum + (metric?.rowsOut ?? 0), 0),
    bytesIn: metrics.reduce((sum, metric) => sum + metric.bytesRead, 0),
    epochPaceMs: pace.ofJob(job),
    hasEnough: job.hasEnough,
    error: waits.problemOf(job) ?? (execution.error === null ? null : new SqlError(execution.error)),
  };
}

/** What the outputs of a sink have taken, as they reported last: its operators hand on to nobody. */
function rowsWritten(job: ManagedJob): number {
  return [...job.sinkProgress.values()].reduce((sum, progress) => sum + progress.rows, 0);
}
