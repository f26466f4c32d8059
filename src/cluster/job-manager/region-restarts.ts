import type { Clock, Logger, Random, Timer } from '../../base/index.ts';
import { restartDelayMs } from '../execution/index.ts';
import type { JobRegistry } from './job-registry.ts';
import type { ManagedJob } from './managed-job.ts';
import type { SlotWaits } from './slot-waits.ts';

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
    const failed = Math.max(...executions.map(({ restarts, error }) => (error === null ? 1 : restarts)));
    const delayMs = restartDelayMs(failed, random);
    logger.log('warn', 'a region restarts', { jobs: key, delayMs });
    const timer = clock.after(delayMs, () => {
      this.#timers.delete(key);
      waits.startWhenThere(region);
    });
    this.#timers.set(key, timer);
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
