import { SqlError, SqlState } from '../../base/index.ts';
import type { Batch, Epoch } from '../../batch/index.ts';
import type { RelationId } from '../../jobgraph/index.ts';
import type { ChangesFrom } from '../../runtime/index.ts';
import type { RelationScan } from '../../spi/index.ts';
import type { StateStore } from '../../state/index.ts';
import type { PinnedEpoch, SubscriptionEvent } from '../cluster.ts';
import type { Conditions } from './conditions.ts';
import type { EpochCoordinator } from './epoch-coordinator.ts';
import { hasBegunLater, wasInterrupted } from './interrupted-read.ts';
import type { JobRegistry } from './job-registry.ts';
import type { ManagedJob } from './managed-job.ts';
import type { RelationScans } from './relation-scans.ts';
import type { Retention } from './retention.ts';
import type { SlotFleet } from './slot-fleet.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface RelationReadsParts {
  readonly store: StateStore;
  readonly registry: JobRegistry;
  readonly fleet: SlotFleet;
  readonly epochs: EpochCoordinator;
  readonly conditions: Conditions;
  readonly scans: RelationScans;
  readonly subscriptions: Subscriptions;
  readonly retention: Retention;
  /** Throws when nothing may be shown any more. */
  readonly assertUsable: () => void;
}

/** How sessions read relations: an epoch is pinned, then scanned or followed (docs/semantics.md, Epochs). */
export class RelationReads {
  readonly #parts: RelationReadsParts;

  constructor(parts: RelationReadsParts) {
    this.#parts = parts;
  }

  async pin(relations: readonly RelationId[], atLeast: Epoch): Promise<PinnedEpoch> {
    const { registry, epochs, retention } = this.#parts;
    this.#parts.assertUsable();
    const jobs = relations.map((relation) => registry.requireProducer(relation));
    const complete = (): Epoch => jobs.reduce((epoch, job) => Math.min(epoch, epochs.completeAt(job)), epochs.lastEpoch);
    await this.#untilLeading(() => {
      for (const job of jobs) this.#assertReadable(job);
      // Other relations may have gone on while one of these was replaying: what they have forgotten cannot be read any more.
      const retained = relations.reduce((epoch, relation) => Math.max(epoch, retention.forgotten(relation)), atLeast);
      return jobs.every((job) => this.#isUp(job) && job.published && complete() >= Math.max(retained, job.shownFrom, job.joinedAfter));
    });
    const epoch = complete();
    return { epoch, release: retention.pin(relations, epoch) };
  }

  async pinAt(relations: readonly RelationId[], epoch: Epoch): Promise<PinnedEpoch> {
    const { registry, retention } = this.#parts;
    this.#parts.assertUsable();
    const jobs = relations.map((relation) => registry.requireProducer(relation));
    await this.#untilLeading(() => jobs.every((job) => job.published && this.#isThere(job, epoch)));
    relations.forEach((relation, index) => retention.assertRetained(relation, jobs[index]!, epoch));
    return { epoch, release: retention.pin(relations, epoch) };
  }

  /** The test holds, and no other server has gone on from here: one that has slept must not show what is long past. */
  async #untilLeading(test: () => boolean): Promise<void> {
    for (;;) {
      await this.#parts.conditions.until(test);
      const asked = this.#parts.store.confirmLead();
      if (asked === null) return;
      await asked;
    }
  }

  scan(relation: RelationId, pinned: PinnedEpoch, request: RelationScan): AsyncIterable<Batch> {
    const { registry, scans, fleet } = this.#parts;
    const { epoch } = pinned;
    const job = registry.requireProducer(relation);
    return scans.scan({
      jobId: job.id,
      ready: () => this.#readableAt(job, epoch),
      begin: (scan) => {
        for (const slot of job.ownSlots()) fleet.send(slot, { kind: 'scan', scan, relation, epoch, request });
        return job.width;
      },
    });
  }

  subscribe(relation: RelationId, from: ChangesFrom, signal: AbortSignal): AsyncIterable<SubscriptionEvent> {
    const { registry, subscriptions, retention, fleet } = this.#parts;
    const job = registry.requireProducer(relation);
    this.#assertReadable(job);
    if (!this.#isUp(job)) throw new SqlError(wasInterrupted(job));
    return subscriptions.subscribe({
      relation,
      after: 'after' in from ? from.after : retention.forgotten(relation),
      slots: job.width,
      subtasks: job.tasks.filter((task) => task.relation === relation).length,
      interrupted: wasInterrupted(job),
      signal,
      begin: (subscription) => {
        for (const slot of job.ownSlots()) fleet.send(slot, { kind: 'subscribe', subscription, relation, from });
      },
      end: (subscription) => fleet.broadcast({ kind: 'unsubscribe', subscription }),
    });
  }

  async #readableAt(job: ManagedJob, epoch: Epoch): Promise<void> {
    await this.#parts.conditions.until(() => this.#isThere(job, epoch));
    if (job.joinedAfter > epoch) throw hasBegunLater(job, epoch);
  }

  #isThere(job: ManagedJob, epoch: Epoch): boolean {
    this.#assertReadable(job);
    return this.#isUp(job) && this.#parts.epochs.completeAt(job) >= epoch;
  }

  /** A paused job's tasks are there to be read, once they have their state. */
  #isUp(job: ManagedJob): boolean {
    return job.live || (job.standsStill && this.#parts.registry.execution(job).state === 'RUNNING');
  }

  #assertReadable(job: ManagedJob): void {
    this.#parts.assertUsable();
    const { state, error } = this.#parts.registry.execution(job);
    if (state !== 'FAILED') return;
    throw new SqlError({ code: SqlState.objectNotInPrerequisiteState, message: `"${job.graph.name}" has failed`, detail: error?.message });
  }
}
