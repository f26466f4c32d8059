import type { JobRegistry } from './job-registry.ts';
import type { ManagedJob } from './managed-job.ts';

/** Of the time between two epochs, what moving state to disk and back should leave to rows, as a multiple of itself. */
const ROWS_TIME = 2;
/** Time that an epoch leaves to rows, at most: so much are reads behind in the end, beside what an epoch takes. */
const ROWS_TIME_MAX_MS = 30_000;

/**
 * How far apart the epochs of a region have to be. What an epoch takes to move state that is larger than memory to disk and back hardly depends on how many rows it has, since rows
 * of a few keys touch most buckets of them; epochs at the common interval would do nothing else. A region whose epochs take longer than that rests, and others go on without it.
 */
export class EpochPace {
  readonly #registry: JobRegistry;
  readonly #intervalMs: number;

  constructor(registry: JobRegistry, intervalMs: number) {
    this.#registry = registry;
    this.#intervalMs = intervalMs;
  }

  /** Milliseconds from one epoch of the job to the next, null where it keeps to the common interval. */
  ofJob(job: ManagedJob): number | null {
    return this.#spills() ? this.#ofRegion(this.#registry.region(job)) : null;
  }

  /** Jobs that are to take part in no epoch yet, and until when. */
  resting(nowMs: number): Map<ManagedJob, number> {
    const resting = new Map<ManagedJob, number>();
    if (!this.#spills()) return resting;
    const seen = new Set<ManagedJob>();
    for (const job of this.#registry.all()) {
      if (seen.has(job) || job.spillMs.size === 0) continue;
      const region = this.#registry.region(job);
      const paceMs = this.#ofRegion(region);
      const untilMs = paceMs === null ? nowMs : Math.max(...region.map(({ lastCutMs }) => lastCutMs)) + paceMs;
      for (const member of region) {
        seen.add(member);
        if (untilMs > nowMs) resting.set(member, untilMs);
      }
    }
    return resting;
  }

  #spills(): boolean {
    return this.#registry.all().some((job) => job.spillMs.size > 0);
  }

  /** Tasks of a slot take turns, slots do not. */
  #ofRegion(region: readonly ManagedJob[]): number | null {
    const bySlot = new Map<number, number>();
    for (const { spillMs } of region) for (const { slot, ms } of spillMs.values()) bySlot.set(slot, (bySlot.get(slot) ?? 0) + ms);
    const spillMs = Math.max(0, ...bySlot.values());
    const paceMs = spillMs + Math.min(spillMs * ROWS_TIME, ROWS_TIME_MAX_MS);
    return paceMs > this.#intervalMs ? paceMs : null;
  }
}
