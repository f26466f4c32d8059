import { type Clock, type Logger, SqlError, type SqlErrorFields } from '../../base/index.ts';
import type { JobGraph } from '../../jobgraph/index.ts';
import type { Conditions } from './conditions.ts';
import type { Exclusive } from './exclusive.ts';
import type { JobRegistry } from './job-registry.ts';
import { demandOf, isToStart, type ManagedJob } from './managed-job.ts';
import { requireSlots } from './rescaling.ts';
import type { SlotDemand, SlotFleet } from './slot-fleet.ts';
import type { SlotShares } from './slot-shares.ts';

export interface SlotWaitsParts {
  readonly fleet: SlotFleet;
  readonly shares: SlotShares;
  readonly registry: JobRegistry;
  readonly conditions: Conditions;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a new job waits for slots of other processes; null: there are no others. */
  readonly timeoutMs: number | null;
  /** Jobs start one group after the other. */
  readonly deploys: Exclusive;
  /** Why the cluster does nothing any more, or null. */
  readonly stopped: () => SqlError | null;
  /** Starts them, or lets them wait again. */
  readonly start: (jobs: readonly ManagedJob[]) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/** Lets jobs wait until the slots they need are there: all of them or none. */
export class SlotWaits {
  readonly #parts: SlotWaitsParts;

  constructor(parts: SlotWaitsParts) {
    this.#parts = parts;
  }

  /** A new job waits a while for TaskManagers that are on their way, and is refused then. Errors: 53000, the reason of the signal. */
  async inTime(graph: JobGraph, signal?: AbortSignal): Promise<void> {
    const { fleet, shares } = this.#parts;
    requireSlots(graph, fleet.slotsMax);
    if (!this.areThere(graph)) await shares.making(graph, () => this.#comeInTime(() => this.shortageFor(graph), signal));
  }

  /** As a new job those wait that have lost slots and are to go on. Errors: 53000. */
  async againInTime(jobs: () => readonly ManagedJob[]): Promise<void> {
    if (this.shortageOf(jobs()) !== null) await this.#comeInTime(() => this.shortageOf(jobs()));
  }

  async #comeInTime(shortage: () => SqlErrorFields | null, signal?: AbortSignal): Promise<void> {
    const { clock, timeoutMs, conditions, stopped } = this.#parts;
    let waiting = timeoutMs !== null;
    const timer = clock.after(timeoutMs ?? 0, () => {
      waiting = false;
      conditions.changed();
    });
    try {
      await conditions.until(() => {
        const end = stopped();
        if (end !== null) throw end;
        signal?.throwIfAborted();
        const problem = shortage();
        if (problem !== null && !waiting) throw new SqlError(problem);
        return problem === null;
      });
    } finally {
      timer.cancel();
    }
  }

  /** Slots for a new job, or for one that is to become this one. */
  areThere(graph: JobGraph): boolean {
    return this.shortageFor(graph) === null;
  }

  /** What is missing of them; null: nothing. */
  shortageFor(graph: JobGraph): SqlErrorFields | null {
    return this.#parts.fleet.shortage(this.#demand(graph));
  }

  #demand(graph: JobGraph): SlotDemand {
    return { ...demandOf(graph), width: this.#parts.shares.widthOf(graph) };
  }

  /** What a job that does not run waits for, if it is slots. */
  problemOf(job: ManagedJob): SqlError | null {
    const shortage = this.#isToStart(job) ? this.#parts.fleet.shortage(job.demand) : null;
    return shortage === null ? null : new SqlError(shortage);
  }

  shortageOf(jobs: readonly ManagedJob[]): SqlErrorFields | null {
    return jobs.map((job) => this.#parts.fleet.shortage(job.demand)).find((shortage) => shortage !== null) ?? null;
  }

  /** The first of these, or null. */
  problem(): SqlError | null {
    return (
      this.#parts.registry
        .all()
        .map((job) => this.problemOf(job))
        .find((problem) => problem !== null) ?? null
    );
  }

  /** All jobs of a start together; where slots are short, regions whose slots are there do not wait for the others, which start as soon as they can. */
  async startAll(jobs: readonly ManagedJob[]): Promise<void> {
    const { deploys, registry, start } = this.#parts;
    if (jobs.length === 0) return;
    const groups = this.shortageOf(jobs) === null ? [jobs] : registry.regions();
    for (const group of groups) await deploys.run(() => start(group));
  }

  /** Starts jobs together as soon as there are slots for all of them that are still to be started by then. */
  startWhenThere(jobs: readonly ManagedJob[]): void {
    const { conditions, deploys, stopped, start, logger, failed } = this.#parts;
    // A new one that was stopped before it was published is about to be gone.
    const wanted = (): ManagedJob[] => jobs.filter((job) => job.published && this.#isToStart(job));
    const shortage = this.shortageOf(wanted());
    if (shortage !== null) logger.log('warn', 'jobs wait for slots', { problem: shortage.message, hint: shortage.hint });
    conditions
      .until(() => stopped() !== null || this.shortageOf(wanted()) === null)
      .then(() =>
        deploys.run(async () => {
          const ready = wanted();
          if (ready.length > 0 && stopped() === null) await start(ready);
        }),
      )
      .catch(failed);
  }

  #isToStart(job: ManagedJob): boolean {
    const { registry } = this.#parts;
    return registry.job(job.id) === job && isToStart(registry.execution(job).state);
  }
}
