import { type Clock, type Logger, type SqlError, type Timer, toSqlError } from '../../base/index.ts';
import type { JobState } from '../cluster.ts';
import type { Exclusive } from './exclusive.ts';
import type { GraphChanges } from './graph-changes.ts';
import type { JobRegistry } from './job-registry.ts';
import { isToStart, type ManagedJob } from './managed-job.ts';
import type { Rescaling } from './rescaling.ts';
import type { SlotFleet } from './slot-fleet.ts';
import type { SlotShares } from './slot-shares.ts';
import type { SlotWaits } from './slot-waits.ts';

/** Jobs run as wide as the slots allow (Flink's reactive mode). */
export interface ReactiveMode {
  /** Milliseconds without a TaskManager that comes or goes before jobs are rescaled: one that is only restarted changes nothing (Flink's resource-stabilization-timeout). */
  readonly stabilizationMs: number;
  /** Milliseconds from one rescaling to the next that no job waits for: it costs a restart (Flink's cooldown-after-rescaling). */
  readonly cooldownMs: number;
}

export interface ReactiveScalingParts {
  /** Null: jobs are as wide as they are planned, or wait for slots. */
  readonly reactive: ReactiveMode | null;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: JobRegistry;
  readonly fleet: SlotFleet;
  readonly shares: SlotShares;
  readonly waits: Pick<SlotWaits, 'problem'>;
  readonly rescaling: Rescaling;
  readonly graph: GraphChanges;
  /** Jobs start, and are changed, one group after the other. */
  readonly deploys: Exclusive;
  /** Why the cluster does nothing any more, or null. */
  readonly stopped: () => SqlError | null;
}

interface Misfit {
  readonly job: ManagedJob;
  readonly width: number;
}

/** Looks so often within the stabilization time. */
const LOOKS = 4;
/** Stabilization times that jobs wait for slots at most, where TaskManagers never cease to come and go. */
const TIMES_WAITED_MAX = 5;
const PERIOD_MS_MIN = 50;
const RUNS: ReadonlySet<JobState> = new Set(['RUNNING', 'FINISHED']);

/**
 * Rescales jobs to the slots there are. What is wrong is found by looking, not by following events: whatever a job has missed while it could not be changed (it was
 * paused, another one restarted) is seen the next time.
 */
export class ReactiveScaling {
  readonly #parts: ReactiveScalingParts;
  readonly #timer: Timer | null;
  #turnover = -1;
  /** When a TaskManager came or went last, and when the first one of those in a row. */
  #changedMs = 0;
  #restlessSinceMs = 0;
  #rescaledMs = Number.NEGATIVE_INFINITY;
  #busy = false;

  constructor(parts: ReactiveScalingParts) {
    this.#parts = parts;
    const { reactive, clock } = parts;
    this.#timer = reactive === null ? null : clock.every(Math.max(PERIOD_MS_MIN, reactive.stabilizationMs / LOOKS), () => this.#look(reactive));
  }

  close(): void {
    this.#timer?.cancel();
  }

  #look(mode: ReactiveMode): void {
    const { fleet, logger, stopped } = this.#parts;
    const now = this.#nowMs();
    if (fleet.turnover !== this.#turnover) {
      this.#turnover = fleet.turnover;
      if (now - this.#changedMs >= mode.stabilizationMs) this.#restlessSinceMs = now;
      this.#changedMs = now;
    }
    const calm = now - this.#changedMs >= mode.stabilizationMs;
    if (this.#busy || stopped() !== null || (!calm && now - this.#restlessSinceMs < TIMES_WAITED_MAX * mode.stabilizationMs)) return;
    this.#busy = true;
    (calm ? this.#adjust(mode) : this.#makeDo())
      .catch((error: unknown) => {
        // The next look tries again, once the jobs that were in the way are up.
        if (stopped() === null) logger.log('warn', 'jobs could not be rescaled', { error: toSqlError(error).message });
      })
      .finally(() => {
        this.#busy = false;
      });
  }

  async #adjust({ cooldownMs }: ReactiveMode): Promise<void> {
    const { shares, waits, deploys, graph } = this.#parts;
    if (this.#toStart().length > 0) await deploys.run(async () => this.#fit(this.#toStart()));
    if (waits.problem() !== null) {
      // Without those that wait there is no new checkpoint.
      if (this.#tooWide().length > 0) await deploys.run(() => this.#rescale(this.#tooWide(), 'newest'));
    } else if (shares.someComing) {
      if (this.#tooWide().length > 0) await graph.whenAllUp(() => this.#rescale(this.#tooWide(), 'new'));
    } else if (this.#nowMs() - this.#rescaledMs >= cooldownMs && this.#running().length > 0) {
      await graph.whenAllUp(() => this.#rescale(this.#running(), 'new'));
    }
  }

  /** Jobs that wait run with what is there just now; what comes may be gone in a moment. */
  async #makeDo(): Promise<void> {
    const tooWide = (): Misfit[] => this.#toStart().filter(isTooWide);
    if (tooWide().length > 0) await this.#parts.deploys.run(async () => this.#fit(tooWide()));
  }

  /** What does not run costs nothing to change. */
  #fit(misfits: readonly Misfit[]): void {
    const was = misfits.map(({ job }) => job.width);
    this.#parts.rescaling.fit(misfits.map(({ job }) => job));
    if (misfits.length > 0) this.#tell(misfits, was);
  }

  async #rescale(misfits: readonly Misfit[], behind: 'new' | 'newest'): Promise<true | null> {
    if (misfits.length === 0) return true;
    const changes = misfits.map(({ job }) => ({ graph: job.planned, source: job.source }));
    const was = misfits.map(({ job }) => job.width);
    const done = await this.#parts.rescaling.apply(changes, behind);
    if (done !== null) this.#tell(misfits, was);
    return done;
  }

  #tell(misfits: readonly Misfit[], was: readonly number[]): void {
    const { logger, fleet } = this.#parts;
    // Not what begins: for that the slots it wants may still be on their way.
    if (misfits.some(({ job }) => job.startedAtMicros !== null)) this.#rescaledMs = this.#nowMs();
    const jobs = misfits.map(({ job, width }, index) => `${job.graph.name}: ${was[index]} to ${width}`).join(', ');
    logger.log('info', 'jobs are rescaled to the slots there are', { jobs, slots: fleet.placeCount });
  }

  #toStart(): Misfit[] {
    return this.#misfits((state) => isToStart(state));
  }

  /** Of one that is finished nothing is left to do, so more slots are nothing to it. */
  #running(): Misfit[] {
    return this.#misfits((state, job, width) => RUNS.has(state) && canChange(job) && (state === 'RUNNING' || width < job.width));
  }

  #tooWide(): Misfit[] {
    return this.#running().filter(isTooWide);
  }

  #misfits(concerned: (state: JobState, job: ManagedJob, width: number) => boolean): Misfit[] {
    const { registry, shares } = this.#parts;
    const jobs = registry.all();
    const widths = shares.widthsOf(jobs);
    return jobs.flatMap((job, index) => {
      const width = widths[index]!;
      return width !== job.width && concerned(registry.execution(job).state, job, width) ? { job, width } : [];
    });
  }

  #nowMs(): number {
    return this.#parts.clock.monotonicMs();
  }
}

function isTooWide({ job, width }: Misfit): boolean {
  return width < job.width;
}

/** Others are on their way out, or in. */
function canChange(job: ManagedJob): boolean {
  return job.live && job.published && !job.standsStill;
}
