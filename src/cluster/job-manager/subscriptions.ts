import { SqlError, type SqlErrorFields, SqlState } from '../../base/index.ts';
import { decodeBatch, type Epoch } from '../../batch/index.ts';
import type { RelationId } from '../../jobgraph/index.ts';
import type { SubscriptionEvent } from '../cluster.ts';

/** Encoded bytes a subscriber may be behind. */
const BUFFER_BYTES_MAX = 64 * 1024 * 1024;

interface Subscription {
  readonly id: number;
  readonly relation: RelationId;
  /** Changes that have arrived, by epoch. */
  readonly arrived: Map<Epoch, { readonly timestampMicros: number | null; readonly batches: readonly Uint8Array[] }>;
  /** Complete epochs, not yet taken: an encoded batch, or null for the note that the epoch is complete. */
  readonly events: { readonly epoch: Epoch; readonly timestampMicros: number | null; readonly encoded: Uint8Array | null }[];
  /** Slots that have still to say that they take part. */
  unanswered: number;
  /** Subtasks of the relation that no slot has said to have. */
  missing: number;
  readonly interrupted: SqlErrorFields;
  progressed: Epoch;
  bytes: number;
  error: SqlError | null;
  wake: (() => void) | null;
}

/** What a slot says of an epoch. */
export interface SlotChange {
  readonly epoch: Epoch;
  readonly timestampMicros: number | null;
  readonly batches: readonly Uint8Array[] | null;
}

export interface SubscriptionStart {
  readonly relation: RelationId;
  readonly after: Epoch;
  readonly slots: number;
  /** Of the relation, in all of these slots. */
  readonly subtasks: number;
  /** What the subscriber is told when they are not there. */
  readonly interrupted: SqlErrorFields;
  readonly signal: AbortSignal;
  readonly begin: (subscription: number) => void;
  readonly end: (subscription: number) => void;
}

/** Subscribers' buffers. They are bounded, and nothing in the dataflow waits for them: who falls behind is cut. */
export class Subscriptions {
  readonly #open = new Map<number, Subscription>();
  readonly #bytesMax: number;
  #last = 0;

  constructor(bytesMax = BUFFER_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** Begins at once, not with the first look: what happens from now on is not missed. Ends with the signal. */
  subscribe(start: SubscriptionStart): AsyncIterable<SubscriptionEvent> {
    const id = ++this.#last;
    const subscription: Subscription = {
      id,
      relation: start.relation,
      arrived: new Map(),
      events: [],
      unanswered: start.slots,
      missing: start.subtasks,
      interrupted: start.interrupted,
      progressed: start.after,
      bytes: 0,
      error: null,
      wake: null,
    };
    this.#open.set(id, subscription);
    const end = (): void => {
      if (!this.#open.delete(id)) return;
      start.end(id);
      wake(subscription);
    };
    start.signal.addEventListener('abort', end, { once: true });
    start.begin(id);
    return eventsOf(subscription, { signal: start.signal, end });
  }

  /** Relations that somebody follows. */
  followed(): ReadonlySet<RelationId> {
    return new Set([...this.#open.values()].map(({ relation }) => relation));
  }

  /** A slot follows so many subtasks of the relation. Where one is followed by nobody its changes would be missing without a word. */
  subscribed(id: number, subtasks: number): void {
    const subscription = this.#open.get(id);
    if (subscription === undefined) return;
    subscription.unanswered--;
    subscription.missing -= subtasks;
    if (subscription.unanswered === 0 && subscription.missing !== 0) cut(subscription, new SqlError(subscription.interrupted));
  }

  changed(id: number, { epoch, timestampMicros, batches }: SlotChange): void {
    const subscription = this.#open.get(id);
    if (subscription === undefined || subscription.error !== null || epoch <= subscription.progressed) return;
    if (batches === null) {
      cut(subscription, new SqlError({ code: SqlState.snapshotTooOld, message: `the changes of epoch ${epoch} are not retained any more` }));
      return;
    }
    for (const batch of batches) subscription.bytes += batch.length;
    const before = subscription.arrived.get(epoch);
    subscription.arrived.set(epoch, {
      timestampMicros: before?.timestampMicros ?? timestampMicros,
      batches: [...(before?.batches ?? []), ...batches],
    });
  }

  /** The relation is complete at `epoch`: everything up to there may be shown. */
  complete(relation: RelationId, epoch: Epoch): void {
    for (const subscription of this.#open.values()) {
      if (subscription.relation !== relation || subscription.unanswered > 0 || subscription.error !== null || epoch <= subscription.progressed)
        continue;
      for (const arrived of [...subscription.arrived.keys()].sort((left, right) => left - right)) {
        if (arrived > epoch) break;
        const { timestampMicros, batches } = subscription.arrived.get(arrived)!;
        for (const encoded of batches) subscription.events.push({ epoch: arrived, timestampMicros, encoded });
        subscription.arrived.delete(arrived);
        // Epochs that become known together are still told apart: what is folded or sorted by epoch needs the end of each.
        if (arrived < epoch) subscription.events.push({ epoch: arrived, timestampMicros, encoded: null });
      }
      subscription.progressed = epoch;
      subscription.events.push({ epoch, timestampMicros: null, encoded: null });
      if (subscription.bytes > this.#bytesMax) {
        cut(
          subscription,
          new SqlError({
            code: SqlState.objectNotInPrerequisiteState,
            message: 'the subscription was cut because its reader is too slow',
            detail: `More than ${this.#bytesMax} bytes of changes were waiting for it at epoch ${epoch}.`,
            hint: 'Subscribe again, with a snapshot or from the last epoch you have seen as complete.',
          }),
        );
      }
      wake(subscription);
    }
  }

  fail(relation: RelationId, error: SqlError): void {
    for (const subscription of this.#open.values()) if (subscription.relation === relation) cut(subscription, error);
  }

  /** The oldest epoch whose changes a subscription that is still starting may need, or null. */
  oldestStarting(relation: RelationId): Epoch | null {
    let oldest: Epoch | null = null;
    for (const subscription of this.#open.values()) {
      if (subscription.relation !== relation || subscription.unanswered === 0) continue;
      if (oldest === null || subscription.progressed < oldest) oldest = subscription.progressed;
    }
    return oldest;
  }
}

function cut(subscription: Subscription, error: SqlError): void {
  subscription.error = error;
  subscription.events.length = 0;
  subscription.arrived.clear();
  wake(subscription);
}

function wake(subscription: Subscription): void {
  subscription.wake?.();
  subscription.wake = null;
}

async function* eventsOf(
  subscription: Subscription,
  until: { readonly signal: AbortSignal; readonly end: () => void },
): AsyncGenerator<SubscriptionEvent> {
  try {
    while (!until.signal.aborted) {
      const event = subscription.events.shift();
      if (event !== undefined) {
        const { epoch, timestampMicros, encoded } = event;
        subscription.bytes -= encoded?.length ?? 0;
        yield { epoch, timestampMicros, batch: encoded === null ? null : decodeBatch(encoded) };
        continue;
      }
      if (subscription.error !== null) throw subscription.error;
      await new Promise<void>((resolve) => {
        subscription.wake = resolve;
      });
    }
  } finally {
    until.signal.removeEventListener('abort', until.end);
    until.end();
  }
}
