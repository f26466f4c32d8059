import type { Epoch } from '../../batch/index.ts';
import type { JobRegistry } from './job-registry.ts';
import type { ManagedJob } from './managed-job.ts';

/** Asks again and again whether sinks have committed what the checkpoint of `epoch` has of them: 'restarted' when one has begun a new attempt, which commits only with a later one. */
export function sinksCommitted(jobs: readonly ManagedJob[], epoch: Epoch, registry: JobRegistry): () => boolean | 'restarted' {
  const attempts = jobs.map((job) => job.attempt);
  const isThere = (job: ManagedJob): boolean => registry.job(job.id) === job && registry.execution(job).state !== 'FAILED';
  return () => {
    const wanted = jobs.filter(isThere);
    if (wanted.some((job) => job.attempt !== attempts[jobs.indexOf(job)])) return 'restarted';
    return wanted.every((job) => {
      // One that stands still or has ended is told of no checkpoint behind the one that has its last rows.
      if (job.standsStill || job.outputEnded) return !job.committing;
      return [...job.sinkProgress.values()].every(({ committedEpoch }) => committedEpoch >= epoch);
    });
  };
}
