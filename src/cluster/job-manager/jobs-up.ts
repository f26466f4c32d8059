import { SqlError, SqlState } from '../../base/index.ts';
import type { JobRegistry } from './job-registry.ts';
import type { ManagedJob } from './managed-job.ts';

/** Failures of one job that somebody who waits for it sits out. */
const FAILURES_WAITED_MAX = 1;

/** It takes part in epochs, or will not whatever happens: it stands still or has failed for good. */
export function isUp(job: ManagedJob, registry: JobRegistry): boolean {
  return job.standsStill || registry.execution(job).state === 'FAILED' || (job.live && job.published);
}

/**
 * What one statement asks again and again until it is true: whether all of `jobs` are up. Errors: 55000 when one has failed again after a restart that the statement
 * has waited for.
 */
export function jobsUp(registry: JobRegistry, jobs: () => readonly ManagedJob[]): () => boolean {
  const restartsBefore = new Map<string, number>();
  return () => {
    let all = true;
    for (const job of jobs()) {
      const { restarts } = registry.execution(job);
      const before = restartsBefore.get(job.id) ?? restarts;
      restartsBefore.set(job.id, before);
      if (isUp(job, registry)) continue;
      if (restarts - before > FAILURES_WAITED_MAX) throw failsAgain(job, registry);
      all = false;
    }
    return all;
  };
}

function failsAgain(job: ManagedJob, registry: JobRegistry): SqlError {
  const failed = registry.region(job).find((member) => registry.execution(member).error !== null) ?? job;
  return new SqlError({
    code: SqlState.objectNotInPrerequisiteState,
    message: `"${failed.graph.name}" fails again and again, and what needs it cannot be done`,
    detail: registry.execution(failed).error?.message,
    hint: 'Try again once SHOW JOBS shows it as RUNNING, or drop it.',
    class: 'user',
  });
}
