import { SqlError, SqlState } from '../../base/index.ts';
import type { ManagedJob } from './managed-job.ts';

/** What is refused because the job stands still. */
export function isPaused(job: ManagedJob, context = ''): SqlError {
  const { name } = job.graph;
  return new SqlError({
    code: SqlState.objectNotInPrerequisiteState,
    message: `${context}"${name}" is paused`,
    hint: `RESUME ${name} first.`,
  });
}
