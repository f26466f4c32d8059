import { SqlError, SqlState } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import type { RelationId } from '../../jobgraph/index.ts';
import type { CheckpointImage, StateStore } from '../../state/index.ts';
import type { SavedCheckpoint } from '../cluster.ts';
import type { CheckpointCoordinator } from './checkpoint-coordinator.ts';
import { sinksCommitted } from './committed-sinks.ts';
import type { Conditions } from './conditions.ts';
import type { EpochCoordinator } from './epoch-coordinator.ts';
import type { Exclusive } from './exclusive.ts';
import type { JobRegistry } from './job-registry.ts';
import { isUp, jobsUp } from './jobs-up.ts';
import type { ManagedJob } from './managed-job.ts';
import { isPlanRecord, jobOfMarker } from './recorded-plans.ts';
import { savedJob } from './saved-jobs.ts';

export interface EpochRequestsParts {
  readonly store: StateStore;
  readonly checkpoints: CheckpointCoordinator;
  readonly registry: JobRegistry;
  readonly epochs: EpochCoordinator;
  readonly conditions: Conditions;
  readonly exclusive: Exclusive;
  /** With epochs on demand, an epoch takes in whatever has arrived by then, so that tests need not wait. */
  readonly settled: () => Promise<void>;
  /** What a job that is to be started waits for, if it is slots. */
  readonly waitsForSlots: () => SqlError | null;
  /** Throws when nothing may be shown any more. */
  readonly assertUsable: () => void;
}

/** Epochs and checkpoints that a statement asks for and waits for. */
export class EpochRequests {
  readonly #parts: EpochRequestsParts;

  constructor(parts: EpochRequestsParts) {
    this.#parts = parts;
  }

  async flush(): Promise<Epoch> {
    await this.#settled();
    const { store, conditions, epochs } = this.#parts;
    const written = store.embeddedLog.lastPosition();
    for (;;) {
      const { epoch, embeddedEnd } = await this.#madeEverywhere();
      if (embeddedEnd > written || this.#lacksTable()) return epoch;
      // Tables that were away when it was cut could not take in what had been written. They may go again before the next one is.
      await conditions.until(() => {
        this.#parts.assertUsable();
        return epochs.canTakeWrites() || this.#lacksTable();
      });
    }
  }

  /** What is in the log of stored tables is taken in by nobody: one of them has failed for good. */
  #lacksTable(): boolean {
    const { registry, epochs } = this.#parts;
    return [...epochs.embeddedJobs].some((id) => {
      const job = registry.job(id);
      return job !== undefined && registry.execution(job).state === 'FAILED';
    });
  }

  async advanceWatermark(relation: RelationId, micros: bigint): Promise<Epoch> {
    const { registry, exclusive } = this.#parts;
    const source = registry
      .all()
      .flatMap((job) => job.sources)
      .find(({ key }) => key === relation);
    if (source?.hasWatermark !== true) throw new SqlError({ code: SqlState.wrongObjectType, message: 'the relation has no watermark' });
    await this.#settled();
    await exclusive.run(() => {
      source.announceWatermark(micros);
      return this.#make();
    });
    // The partitions are as they were from the epoch after on.
    return this.flush();
  }

  /** Waits for jobs that restart. Errors: 53000 when one waits for slots, which may take long; 55000 when one fails again and again. */
  async checkpoint(): Promise<Epoch> {
    const { registry, conditions } = this.#parts;
    const up = jobsUp(registry, () => registry.all().filter((job) => !job.joining));
    for (;;) {
      await conditions.until(() => {
        this.#parts.assertUsable();
        const shortage = this.#parts.waitsForSlots();
        if (shortage !== null) throw shortage;
        return up();
      });
      const made = await this.attemptCheckpoint();
      if (made !== null) return made;
    }
  }

  /** Makes a checkpoint, and waits until the sinks of these jobs have committed what it has of them. Errors: as of `checkpoint`. */
  async commitSinks(jobIds: readonly string[]): Promise<void> {
    const { registry, conditions } = this.#parts;
    for (;;) {
      const epoch = await this.checkpoint();
      const committed = sinksCommitted(
        jobIds.flatMap((id) => registry.job(id) ?? []),
        epoch,
        registry,
      );
      await conditions.until(() => {
        this.#parts.assertUsable();
        return committed() !== false;
      });
      if (committed() === true) return;
    }
  }

  /** Makes a checkpoint unless a job has to start again for it or has failed meanwhile: null then. */
  async attemptCheckpoint(): Promise<Epoch | null> {
    const { registry, epochs, conditions, exclusive } = this.#parts;
    await this.#settled();
    const nothingRuns = (): boolean => registry.all().every((job) => registry.execution(job).state === 'FAILED');
    const possible = (): boolean => nothingRuns() || epochs.canCheckpoint();
    await conditions.until(() => {
      this.#parts.assertUsable();
      return possible() || !registry.all().every((job) => job.joining || isUp(job, registry));
    });
    const epoch = await exclusive.run(async () => {
      if (!possible()) return null;
      epochs.requestCheckpoint('statement');
      return epochs.make();
    });
    if (epoch === null || nothingRuns()) return epoch;
    await conditions.until(() => {
      this.#parts.assertUsable();
      return !epochs.checkpointsUnderWay.has(epoch);
    });
    const committed = epochs.base?.epoch ?? 0;
    return committed >= epoch ? committed : null;
  }

  /** Makes a checkpoint as soon as one is possible, unless nobody wants one any more by then. */
  async checkpointSoon(wanted: () => boolean): Promise<void> {
    const { conditions, epochs } = this.#parts;
    await conditions.until(() => !wanted() || epochs.canCheckpoint());
    if (!wanted()) return;
    epochs.requestCheckpoint('statement');
    epochs.request(true);
  }

  /** A checkpoint as of now, held still while it is written. */
  async savepoint<Result>(jobIds: readonly string[], write: (checkpoint: SavedCheckpoint) => Promise<Result>): Promise<Result> {
    const { registry, store, checkpoints, epochs } = this.#parts;
    await this.checkpoint();
    return store.readCheckpoint((image) => {
      const jobs = jobIds.map((id) => registry.job(id)).filter((job) => job !== undefined);
      const isWhole = ({ id }: ManagedJob): boolean => checkpoints.committedJobs.has(id) && image?.record.joining?.[id] === undefined;
      const saved = jobs.filter(isWhole).map(savedJob);
      const state = image === null ? null : withoutJoining(image);
      // What has been written since is not in its state: a sink, too, writes to its table once the checkpoint is there.
      const through = image === null ? null : epochs.embeddedThrough(image.record);
      return write({ image: state, jobs: saved, embeddedPosition: through ?? store.embeddedLog.lastPosition() });
    });
  }

  /** `embeddedEnd`: up to where it takes in the log of stored tables; others that are made meanwhile may take in more, and be complete later. */
  async #madeEverywhere(): Promise<{ readonly epoch: Epoch; readonly embeddedEnd: number }> {
    const { exclusive, epochs } = this.#parts;
    const made = await exclusive.run(async () => ({ epoch: await this.#make(), embeddedEnd: epochs.embeddedEnd }));
    await this.#completeEverywhere(made.epoch);
    return made;
  }

  #make(): Promise<Epoch> {
    return this.#parts.epochs.make(this.#parts.registry.all().filter((job) => job.live));
  }

  async #settled(): Promise<void> {
    this.#parts.assertUsable();
    await this.#parts.settled();
  }

  async #completeEverywhere(epoch: Epoch): Promise<void> {
    const { registry, epochs, conditions } = this.#parts;
    const isWaitedFor = (job: ManagedJob | undefined): boolean =>
      job?.published === true && !job.standsStill && registry.execution(job).state !== 'FAILED';
    await conditions.until(() => {
      this.#parts.assertUsable();
      // Asked with every barrier that passes: all are only looked at in the end.
      if (!epochs.inFlight.isDurable(epoch) || epochs.inFlight.isBehind(epoch, (id) => isWaitedFor(registry.job(id)))) return false;
      return registry.all().every((job) => !isWaitedFor(job) || (job.live && epochs.completeAt(job) >= epoch));
    });
  }
}

/** What savepoints hold: no texts of plans, and nothing of new jobs that the catalog does not name yet. */
function withoutJoining(image: CheckpointImage): CheckpointImage {
  const { joining = {}, ...record } = image.record;
  const operators = new Set(Object.values(joining).flatMap((job) => job.operators));
  const isSaved = ({ operatorId }: { readonly operatorId: string }): boolean =>
    !operators.has(operatorId) && joining[jobOfMarker(operatorId) ?? ''] === undefined;
  const tables = (): ReturnType<CheckpointImage['tables']> => image.tables().filter((table) => !isPlanRecord(table) && isSaved(table));
  return { ...image, record, tables };
}
