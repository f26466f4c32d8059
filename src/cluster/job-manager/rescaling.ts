import { SqlError, SqlState } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import type { JobGraph } from '../../jobgraph/index.ts';
import type { JobDefinition, JobState } from '../cluster.ts';
import type { ExecutionEvent } from '../execution/index.ts';
import type { Conditions } from './conditions.ts';
import type { JobRegistry } from './job-registry.ts';
import { demandOf, type ManagedJob, taskName } from './managed-job.ts';
import { isPaused } from './paused-error.ts';
import { numbered, type SlotFleet } from './slot-fleet.ts';
import type { SlotShares } from './slot-shares.ts';

export interface RescalingParts {
  readonly registry: JobRegistry;
  readonly conditions: Conditions;
  readonly fleet: SlotFleet;
  readonly shares: SlotShares;
  readonly dispatch: (event: ExecutionEvent) => void;
  /** Makes one, so that little has to be replayed; null when a job has to start again for it. */
  readonly checkpoint: () => Promise<Epoch | null>;
  /** The job takes part in nothing until it starts again. */
  readonly suspend: (job: ManagedJob) => void;
  readonly startTogether: (jobs: readonly ManagedJob[]) => Promise<void>;
  readonly assertUsable: () => void;
  readonly monotonicMs: () => number;
}

/**
 * Gives running jobs other graphs for the same operators: their regions stop behind a checkpoint and start again from it, key groups going to whoever
 * owns them now. Regions are what relations connect; all other jobs go on.
 */
export class Rescaling {
  readonly #parts: RescalingParts;

  constructor(parts: RescalingParts) {
    this.#parts = parts;
  }

  /**
   * To be called while nothing else starts jobs. Null: some job restarts, and nothing has changed. `behind`: a checkpoint made for it, or the newest there is, where a job
   * that does not run keeps another one from being made. Errors: 55000 for a job that has failed.
   */
  async apply(changes: readonly JobDefinition[], behind: 'new' | 'newest' = 'new'): Promise<true | null> {
    const { registry } = this.#parts;
    const jobs = changes.map(({ graph }) => this.#changeable(graph));
    if (behind === 'new' && (await this.#parts.checkpoint()) === null) return null;
    const stopped = await this.#stopRegions(jobs);
    jobs.forEach((job, index) => {
      if (stopped.includes(job)) job.become(changes[index]!, this.#parts.monotonicMs());
    });
    registry.relinked();
    this.fit(jobs.filter((job) => stopped.includes(job)));
    await this.#parts.startTogether(stopped);
    const failed = jobs.find((job) => !stopped.includes(job));
    if (failed !== undefined) throw hasFailed(failed.graph.name);
    return true;
  }

  /** Jobs of which nothing runs get the slots that they are to have now. */
  fit(jobs: readonly ManagedJob[]): void {
    const { shares, fleet, dispatch, monotonicMs } = this.#parts;
    const widths = shares.widthsOf(jobs);
    jobs.forEach((job, index) => {
      job.startAt(widths[index]!, monotonicMs());
      fleet.claim(job.demand);
      dispatch({ kind: 'rescaled', job: job.id, tasks: taskNames(job.graph) });
    });
  }

  #changeable({ jobId, name }: JobGraph): ManagedJob {
    const { registry } = this.#parts;
    const job = registry.job(jobId);
    if (job === undefined) throw new SqlError({ code: SqlState.undefinedObject, message: `job "${jobId}" does not exist` });
    const { state } = registry.execution(job);
    if (state === 'FAILED' || state === 'CANCELED') throw hasFailed(name);
    if (job.standsStill) throw isPaused(job);
    return job;
  }

  /** The same jobs again, from the newest checkpoint. */
  async restartRegion(job: ManagedJob): Promise<void> {
    await this.#parts.startTogether(await this.#stopRegions([job]));
  }

  /** The jobs of their regions to start again: one may just have failed for good, or been dropped. Who makes a new one that was not published learns that it has been stopped. */
  async #stopRegions(jobs: readonly ManagedJob[]): Promise<ManagedJob[]> {
    const { registry, conditions } = this.#parts;
    const region = [...new Set(jobs.flatMap((job) => registry.region(job)))];
    for (const member of region) this.#parts.suspend(member);
    const state = (member: ManagedJob): JobState => registry.execution(member).state;
    const gone: readonly JobState[] = ['SUSPENDED', 'FAILED', 'CANCELED'];
    await conditions.until(() => {
      this.#parts.assertUsable();
      return region.every((member) => gone.includes(state(member)));
    });
    return region.filter((member) => member.published && state(member) === 'SUSPENDED');
  }
}

function hasFailed(name: string): SqlError {
  return new SqlError({
    code: SqlState.objectNotInPrerequisiteState,
    message: `job "${name}" has failed`,
    hint: 'Drop it and create it again.',
  });
}

/** Names of all subtasks of a graph. */
export function taskNames(graph: JobGraph): string[] {
  return graph.vertices.flatMap(({ id, parallelism }) => Array.from({ length: parallelism }, (_, subtask) => taskName({ vertex: id, subtask })));
}

/** Every vertex shares the slots of its job, so a job needs as many as its widest vertex has subtasks. Errors: 53000. */
export function requireSlots(graph: JobGraph, slots: number): void {
  const { width } = demandOf(graph);
  if (width <= slots) return;
  throw new SqlError({
    code: SqlState.insufficientResources,
    message: `job "${graph.name}" needs ${numbered(width)}, ${slots} ${slots === 1 ? 'is' : 'are'} there`,
    hint: `Start the server with ${numbered(width - slots, 'more ')} (--slots), or use parallelism ${slots}.`,
  });
}
