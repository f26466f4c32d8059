import { SqlError, type SqlErrorFields, SqlState } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import type { ManagedJob } from './managed-job.ts';
import { notRetained } from './not-retained.ts';

/** Says in errors that the same read at an epoch of now may be answered. */
const ROUTINE = 'ReadInterrupted';

/** What readers learn whose slots are not asked any more. */
export function wasInterrupted(job: ManagedJob): SqlErrorFields {
  return {
    code: SqlState.systemError,
    message: `reading "${job.graph.name}" was interrupted by its restart`,
    class: 'external',
    routine: ROUTINE,
  };
}

/** What a reader learns who has pinned an epoch that the job, begun anew since, does not have. */
export function hasBegunLater(job: ManagedJob, epoch: Epoch): SqlError {
  return notRetained(epoch, { name: job.graph.name, oldest: job.joinedAfter }).with({ routine: ROUTINE });
}

/** A job that was read has begun anew meanwhile. */
export function isInterruptedRead(error: unknown): boolean {
  return error instanceof SqlError && error.routine === ROUTINE;
}
