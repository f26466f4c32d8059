import { SqlError, SqlState } from '../../base/index.ts';
import type { JobRegistry } from './job-registry.ts';
import type { ManagedJob } from './managed-job.ts';
import { isPaused } from './paused-error.ts';

/** A new job can read it. Errors: 55000. */
export function assertUsable(producer: ManagedJob, registry: JobRegistry): void {
  if (producer.standsStill) throw isPaused(producer);
  const { state, error } = registry.execution(producer);
  if (state !== 'FAILED' && state !== 'CANCELED') return;
  const name = producer.graph.name;
  throw new SqlError({ code: SqlState.objectNotInPrerequisiteState, message: `"${name}" has failed`, detail: error?.message, class: 'user' });
}

/** A paused job is in no region, so nobody has told it. */
export function assertLive(producer: ManagedJob): void {
  if (producer.live) return;
  throw new SqlError({
    code: SqlState.serializationFailure,
    message: `"${producer.graph.name}" has failed meanwhile`,
    hint: 'Try again once it runs.',
    class: 'external',
  });
}

/** Nothing has happened to the attempt. Errors: what has. */
export function assertRunning(job: ManagedJob): true {
  if (job.failure !== null) throw job.failure;
  return true;
}
