import type { JobGraph } from '../../jobgraph/index.ts';
import type { JobRegistry } from './job-registry.ts';
import { demandOf, isToStart, type ManagedJob } from './managed-job.ts';
import { type GroupDemand, shareSlots } from './share-slots.ts';
import type { SlotFleet } from './slot-fleet.ts';

export interface SlotSharesParts {
  readonly registry: JobRegistry;
  readonly fleet: SlotFleet;
  /** Jobs run as wide as the slots allow; else as wide as they are planned. */
  readonly isReactive: boolean;
}

/** How wide jobs are to be. Nothing of it is kept anywhere: it follows from the jobs and slots there are. */
export class SlotShares {
  readonly #parts: SlotSharesParts;
  /** New jobs that wait for slots. */
  readonly #coming = new Set<JobGraph>();

  constructor(parts: SlotSharesParts) {
    this.#parts = parts;
  }

  get someComing(): boolean {
    return this.#coming.size > 0;
  }

  /** While `waits` does, jobs there are make room for this one. */
  async making<Result>(planned: JobGraph, waits: () => Promise<Result>): Promise<Result> {
    this.#coming.add(planned);
    try {
      return await waits();
    } finally {
      this.#coming.delete(planned);
    }
  }

  /** Subtasks of the widest vertex of a job planned so, which may not be there yet or is to be planned so from now on; at least one, for which it may have to wait. */
  widthOf(planned: JobGraph): number {
    return this.#parts.isReactive ? widthIn(this.#shares(planned), planned) : demandOf(planned).width;
  }

  /** Those of jobs that are there. */
  widthsOf(jobs: readonly ManagedJob[]): readonly number[] {
    if (!this.#parts.isReactive) return jobs.map(({ planned }) => demandOf(planned).width);
    const shares = this.#shares(null);
    return jobs.map(({ planned }) => widthIn(shares, planned));
  }

  #shares(also: JobGraph | null): ReadonlyMap<string, number> {
    const { registry, fleet } = this.#parts;
    const groups = new Map<string, GroupDemand>();
    const add = (planned: JobGraph, least: number): void => {
      const { group, width } = demandOf(planned);
      const before = groups.get(group);
      groups.set(group, {
        group,
        wanted: Math.max(width, before?.wanted ?? 0),
        least: Math.max(least, before?.least ?? 0),
        held: before?.held ?? fleet.filledSlots(group),
      });
    };
    for (const job of registry.all()) {
      const { state } = registry.execution(job);
      if (state === 'FAILED' || state === 'CANCELED') continue;
      const planned = also?.jobId === job.id ? also : job.planned;
      add(planned, job.standsStill && !isToStart(state) ? job.width : 0);
    }
    for (const planned of this.#coming) add(planned, 0);
    if (also !== null) add(also, 0);
    return shareSlots(fleet.placeCount, [...groups.values()]);
  }
}

function widthIn(shares: ReadonlyMap<string, number>, planned: JobGraph): number {
  const { group, width } = demandOf(planned);
  return Math.max(1, Math.min(width, shares.get(group) ?? 0));
}
