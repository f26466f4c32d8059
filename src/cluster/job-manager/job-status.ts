import { SqlError } from '../../base/index.ts';
import type { JobStatus } from '../cluster.ts';
import type { JobExecution } from '../execution/index.ts';
import type { ManagedJob } from './managed-job.ts';

/** A job as fsql_catalog.jobs shows it. `waitsFor` is what keeps it from starting just now. */
export function jobStatus(job: ManagedJob, execution: JobExecution, waitsFor: SqlError | null): JobStatus {
  const { graph } = job;
  const metrics = [...job.metrics.values()];
  return {
    jobId: graph.jobId,
    name: graph.name,
    kind: graph.kind,
    state: job.pausedAt !== null && execution.state !== 'FAILED' ? 'SUSPENDED' : execution.state,
    parallelism: Math.max(...graph.vertices.map((vertex) => vertex.parallelism)),
    maxParallelism: graph.maxParallelism,
    restarts: execution.restarts,
    createdAtMicros: job.createdAtMicros,
    startedAtMicros: job.startedAtMicros,
    finishedAtMicros: job.finishedAtMicros,
    rowsIn: metrics.reduce((sum, metric) => sum + metric.rowsIn, 0),
    rowsOut: graph.kind === 'sink' ? rowsWritten(job) : metrics.reduce((sum, metric) => sum + metric.rowsOut, 0),
    bytesIn: metrics.reduce((sum, metric) => sum + metric.bytesIn, 0),
    error: waitsFor ?? (execution.error === null ? null : new SqlError(execution.error)),
  };
}

/** What the outputs of a sink have taken, as they reported last: its operators hand on to nobody. */
function rowsWritten(job: ManagedJob): number {
  return [...job.sinkProgress.values()].reduce((sum, progress) => sum + progress.rows, 0);
}
