import type { Epoch } from '../../batch/index.ts';
import type { RelationId } from '../../jobgraph/index.ts';
import type { DeltaHold } from '../../spi/index.ts';
import type { EpochCoordinator } from './epoch-coordinator.ts';
import { EpochTimes } from './epoch-times.ts';
import { heldBehind } from './held-behind.ts';
import type { JobRegistry } from './job-registry.ts';
import type { ManagedJob } from './managed-job.ts';
import { notRetained } from './not-retained.ts';
import { Pins } from './pins.ts';
import type { SlotFleet } from './slot-fleet.ts';
import type { Subscriptions } from './subscriptions.ts';

const MICROS_PER_MS = 1000;
const NO_HOLD: DeltaHold = { after: null, forMicros: null };

export interface RetentionParts {
  readonly registry: JobRegistry;
  readonly fleet: SlotFleet;
  readonly epochs: EpochCoordinator;
  readonly subscriptions: Subscriptions;
}

/**
 * How long deltas of relations are kept: as long as a statement, a subscription that begins, or a new consumer may still need them, and as long as the
 * relation's own history is wanted.
 */
export class Retention {
  readonly #parts: RetentionParts;
  readonly #pins = new Pins();
  readonly #forgotten = new Map<RelationId, Epoch>();
  readonly #times = new EpochTimes();
  readonly #held = new Map<RelationId, DeltaHold>();
  /** Up to here only pins need deltas, and the slots know. */
  readonly #pinnedThrough = new Map<RelationId, Epoch>();

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** Below this epoch the relation cannot be read any more. */
  forgotten(relation: RelationId): Epoch {
    return this.#forgotten.get(relation) ?? 0;
  }

  /** Errors: 72000 when the relation cannot be read at `epoch` any more. */
  assertRetained(relation: RelationId, job: ManagedJob, epoch: Epoch): void {
    const oldest = Math.max(this.forgotten(relation), job.joinedAfter);
    if (epoch < oldest) throw notRetained(epoch, { name: job.graph.name, oldest });
  }

  /** Keeps an epoch readable until what is returned is called. */
  pin(relations: readonly RelationId[], epoch: Epoch): () => void {
    const unpin = this.#pins.add(relations, epoch);
    return () => {
      unpin();
      this.forget();
    };
  }

  /**
   * Tells the slots which deltas nobody needs any more: older than what is complete, pinned, or still to be read by a new consumer. And which only
   * pins need: of these a slot keeps no more than its settings say.
   */
  forget(): void {
    const { registry, epochs, fleet, subscriptions } = this.#parts;
    this.#times.note(epochs.lastEpoch, epochs.lastTimestampMicros);
    const readers = registry.all().filter((job) => job.live && job.published);
    // A statement reads several relations at the newest epoch complete in all of them, so none may run ahead of the others here.
    const completeInAll = readers.reduce((epoch, job) => Math.min(epoch, epochs.completeAt(job)), epochs.lastEpoch);
    const changed = new Map<RelationId, { readonly through: Epoch; readonly pinnedThrough: Epoch }>();
    let longestMs = 0;
    for (const job of registry.all()) {
      if (!job.live || job.graph.kind === 'source') continue;
      const { retainHistoryMs = 0 } = job.graph;
      const heldForMs = job.heldForMicros === null ? 0 : job.heldForMicros / MICROS_PER_MS;
      longestMs = Math.max(longestMs, retainHistoryMs, heldForMs);
      const after = heldBehind(job, registry, epochs.base);
      for (const relation of [job.graph.output?.relation, ...job.relations]) {
        if (relation === undefined) continue;
        this.#hold(relation, { after, forMicros: job.heldForMicros });
        // Where nothing has come since, the slots have nothing more to let go.
        if (Math.min(this.forgotten(relation), this.#pinnedThrough.get(relation) ?? 0) >= job.newestEpoch) continue;
        let pinnedThrough = Math.min(completeInAll, subscriptions.oldestStarting(relation) ?? Number.POSITIVE_INFINITY);
        for (const consumer of registry.consumersOf(job)) {
          if (consumer.catchingUp.size > 0) pinnedThrough = Math.min(pinnedThrough, epochs.completeAt(consumer));
        }
        // What is held is there in any case: pins do not have to pay for it.
        if (after !== null) pinnedThrough = Math.min(pinnedThrough, after);
        if (heldForMs > 0) pinnedThrough = Math.min(pinnedThrough, this.#times.newestBefore(heldForMs));
        let through = Math.min(pinnedThrough, this.#pins.oldest(relation) ?? Number.POSITIVE_INFINITY);
        // A history that is wanted is held like a pin: within the same memory.
        if (retainHistoryMs > 0) through = Math.min(through, this.#times.newestBefore(retainHistoryMs));
        if (through <= this.forgotten(relation) && pinnedThrough <= (this.#pinnedThrough.get(relation) ?? 0)) continue;
        this.#forgotten.set(relation, Math.max(through, this.forgotten(relation)));
        this.#pinnedThrough.set(relation, pinnedThrough);
        changed.set(relation, { through, pinnedThrough });
      }
    }
    if (changed.size > 0) fleet.broadcast({ kind: 'forget', relations: changed });
    this.#times.forgetBefore(longestMs);
  }

  /** A slot keeps what it is told for the attempt it runs; the starter tells a new one. */
  #hold(relation: RelationId, hold: DeltaHold): void {
    const { after, forMicros } = this.#held.get(relation) ?? NO_HOLD;
    if (after === hold.after && forMicros === hold.forMicros) return;
    this.#held.set(relation, hold);
    this.#parts.fleet.broadcast({ kind: 'hold', relation, hold });
  }
}
