import type { Clock, Logger, Random, Timer } from '../../base/index.ts';
import { restartDelayMs } from '../execution/index.ts';
import type { JobRegistry } from './job-registry.ts';
import type { ManagedJob } from './managed-job.ts';
import type { SlotWaits } from './slot-waits.ts';

/** So long without a failure, and a job's delays begin anew (Flink's restart-strategy.exponential-delay.reset-backoff-threshold). */
const CALM_MS = 3_600_000;

/** Failures of a job with no such time between them. */
interface Backoff {
  readonly failures: number;
  /** When the delay of the newest one is over. */
  readonly untilMs: number;
}

export interface RegionRestartsParts {
  readonly registry: JobRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
  readonly waits: SlotWaits;
}

/** Starts failed regions again, after a delay that grows with their failures. */
export class RegionRestarts {
  readonly #parts: RegionRestartsParts;
  /** Delays that run, by the jobs of the region. */
  readonly #timers = new Map<string, Timer>();
  readonly #backoffs = new Map<ManagedJob['id'], Backoff>();

  constructor(parts: RegionRestartsParts) {
    this.#parts = parts;
  }

  /** A region starts again as a whole, once the last attempt of each of its jobs is gone. */
  restart(job: ManagedJob): void {
    const { registry, clock, logger, random, waits } = this.#parts;
    const region = registry.region(job).filter((member) => registry.execution(member).state !== 'CANCELED');
    const executions = region.map((member) => registry.execution(member));
    const ready = executions.every(({ state }) => state === 'RESTARTING' || state === 'FAILED');
    const key = region
      .map((member) => member.id)
      .sort()
      .join(' ');
    if (!ready || this.#timers.has(key)) return;
    const nowMs = clock.monotonicMs();
    const failed = region.filter((_, index) => executions[index]!.error !== null);
    const delayMs = restartDelayMs(Math.max(1, ...failed.map(({ id }) => this.#failures(id, nowMs) + 1)), random);
    for (const { id } of failed) this.#backoffs.set(id, { failures: this.#failures(id, nowMs) + 1, untilMs: nowMs + delayMs });
    logger.log('warn', 'a region restarts', { jobs: key, delayMs });
    const timer = clock.after(delayMs, () => {
      this.#timers.delete(key);
      waits.startWhenThere(region);
    });
    this.#timers.set(key, timer);
  }

  #failures(id: ManagedJob['id'], nowMs: number): number {
    const backoff = this.#backoffs.get(id);
    return backoff === undefined || nowMs - backoff.untilMs >= CALM_MS ? 0 : backoff.failures;
  }

  /** After a job has gone for good: it was perhaps all that its region still waited for. */
  restartAll(): void {
    const { registry } = this.#parts;
    for (const job of registry.all()) if (registry.execution(job).state === 'RESTARTING') this.restart(job);
  }

  close(): void {
    for (const timer of this.#timers.values()) timer.cancel();
  }
}
