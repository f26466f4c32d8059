import type { SqlError } from '../../base/index.ts';
import type { JobStatus } from '../../cluster/index.ts';
import type { Json } from '../../jobgraph/index.ts';
import type { CheckpointStatus, RelationStatus, TaskManagerStatus } from './status-source.ts';

/** Status objects as JSON of the API: snake_case as in fsql_catalog, times as ISO 8601 text. */

export function jobView(job: JobStatus): Json {
  return {
    job_id: job.jobId,
    name: job.name,
    kind: job.kind,
    state: job.state,
    parallelism: job.parallelism,
    wanted_parallelism: job.wantedParallelism,
    max_parallelism: job.maxParallelism,
    slot_sharing_group: job.slotSharingGroup,
    restarts: job.restarts,
    created_at: timeView(job.createdAtMicros),
    started_at: timeView(job.startedAtMicros),
    finished_at: timeView(job.finishedAtMicros),
    rows_in: job.rowsIn,
    rows_out: job.rowsOut,
    bytes_in: job.bytesIn,
    error: job.error === null ? null : { sqlstate: job.error.code, message: job.error.message, hint: job.error.hint ?? null },
  };
}

export function checkpointView(checkpoint: CheckpointStatus): Json {
  return {
    id: checkpoint.id,
    state: checkpoint.state,
    trigger: checkpoint.trigger,
    started_at: timeView(checkpoint.startedAtMicros),
    duration_ms: checkpoint.durationMs,
    bytes: checkpoint.bytes,
    rows: checkpoint.rows,
    failure: checkpoint.failure,
  };
}

export function taskManagerView(manager: TaskManagerStatus): Json {
  return {
    id: manager.id,
    address: manager.address,
    slots: manager.slots,
    free: manager.freeSlots,
    memory_budget_bytes: manager.memoryBudgetBytes,
    memory_used_bytes: manager.memoryUsedBytes,
    last_heartbeat: timeView(manager.lastHeartbeatMicros),
  };
}

export function relationView(relation: RelationStatus): Json {
  const columns = relation.columns.map(({ name, type, nullable }) => ({ name, type, nullable }));
  return { schema: relation.schema, name: relation.name, kind: relation.kind, columns, statement: relation.statement };
}

function timeView(micros: bigint | null): string | null {
  return micros === null ? null : new Date(Number(micros / 1000n)).toISOString();
}

/** `position`: characters before the error in the text that was sent, counted from 1 as PostgreSQL does. */
export function errorView(error: SqlError): object {
  const { code, message, detail, hint, position } = error;
  return { sqlstate: code, message, detail: detail ?? null, hint: hint ?? null, ...(position !== undefined && { position: position + 1 }) };
}
