import type { Epoch } from '../../batch/index.ts';

/** An epoch some jobs have not completed. */
interface EpochInFlight {
  readonly epoch: Epoch;
  durable: boolean;
  /** Subtasks whose barrier is awaited, by job. A job stays in here until the epoch is durable as well. */
  readonly waiting: Map<string, Set<string>>;
}

/**
 * Epochs that have been released and are not complete everywhere. A relation is complete at e when no epoch up to e is in flight for its job:
 * an epoch it took no part in changes nothing in it, and only has to be durable.
 */
export class EpochsInFlight {
  #epochs: EpochInFlight[] = [];

  /** `jobs`: the subtasks to wait for, by job. Returns what to call once the record is durable. */
  add(epoch: Epoch, jobs: ReadonlyMap<string, readonly string[]>): () => void {
    const entry: EpochInFlight = { epoch, durable: false, waiting: new Map([...jobs].map(([job, tasks]) => [job, new Set(tasks)])) };
    this.#epochs.push(entry);
    this.#epochs.sort((left, right) => left.epoch - right.epoch);
    return () => {
      entry.durable = true;
      this.#drain();
    };
  }

  passed(job: string, task: string, epoch: Epoch, last: boolean): void {
    for (const entry of this.#epochs) {
      if (entry.epoch === epoch || (last && entry.epoch > epoch)) entry.waiting.get(job)?.delete(task);
    }
    this.#drain(job);
  }

  /** The job's attempt is gone; what it misses will be replayed. */
  forget(job: string): void {
    for (const entry of this.#epochs) entry.waiting.delete(job);
    this.#drain();
  }

  /** Whether all that was released is complete everywhere. */
  get isEmpty(): boolean {
    return this.#epochs.length === 0;
  }

  /** Epochs the job has still to complete. */
  count(job: string): number {
    let count = 0;
    for (const entry of this.#epochs) if (entry.waiting.has(job)) count++;
    return count;
  }

  /** The oldest epoch the job has not completed, or null. */
  oldest(job: string): Epoch | null {
    for (const entry of this.#epochs) if (entry.waiting.has(job)) return entry.epoch;
    return null;
  }

  /** The newest epoch up to which all are complete in the job; `last`: the newest there is. */
  completeIn(job: string, last: Epoch): Epoch {
    for (const entry of this.#epochs) if (!entry.durable || entry.waiting.has(job)) return entry.epoch - 1;
    return last;
  }

  /** Whether a job that `isMeant` has still to complete an epoch up to `epoch`. */
  isBehind(epoch: Epoch, isMeant: (job: string) => boolean): boolean {
    for (const entry of this.#epochs) {
      if (entry.epoch > epoch) return false;
      for (const job of entry.waiting.keys()) if (isMeant(job)) return true;
    }
    return false;
  }

  /** The newest epoch up to which all are complete everywhere; `last`: the newest there is. */
  completeThrough(last: Epoch): Epoch {
    const oldest = this.#epochs[0];
    return oldest === undefined ? last : oldest.epoch - 1;
  }

  isDurable(epoch: Epoch): boolean {
    return this.#epochs.every((entry) => entry.epoch !== epoch || entry.durable);
  }

  /** `changed`: only this job has come further. */
  #drain(changed?: string): void {
    for (const { durable, waiting } of this.#epochs) {
      if (!durable) continue;
      for (const job of changed === undefined ? waiting.keys() : [changed]) if (waiting.get(job)?.size === 0) waiting.delete(job);
    }
    this.#epochs = this.#epochs.filter((entry) => entry.waiting.size > 0 || !entry.durable);
  }
}
