import { SqlError, SqlState, toSqlError } from '../../base/index.ts';
import type { Conditions } from './conditions.ts';
import type { EpochCoordinator } from './epoch-coordinator.ts';
import type { JobRegistry } from './job-registry.ts';

/** Resolves once the job is FINISHED, complete in every epoch, and its sinks have committed. Rejects when it is FAILED. */
export async function whenFinished(
  jobId: string,
  { registry, conditions, epochs }: { readonly registry: JobRegistry; readonly conditions: Conditions; readonly epochs: EpochCoordinator },
): Promise<void> {
  await conditions.until(() => {
    const job = registry.job(jobId);
    if (job === undefined) throw new SqlError({ code: SqlState.undefinedObject, message: `job "${jobId}" does not exist` });
    const { state, error } = registry.execution(job);
    if (state === 'FAILED') throw error === null ? toSqlError(new Error(`job ${jobId} failed`)) : new SqlError(error);
    return state === 'FINISHED' && epochs.inFlight.oldest(jobId) === null && !job.committing;
  });
}
