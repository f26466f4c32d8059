import { SqlError, SqlState } from '../../base/index.ts';
import type { Batch, Epoch } from '../../batch/index.ts';
import type { Relation } from '../../catalog/index.ts';
import type { PinnedEpoch, SubscriptionEvent } from '../../cluster/index.ts';
import { type Engine, relationId } from '../engine/index.ts';
import { cancellable } from '../statement-context.ts';

/** One step: rows with weights, or null for the note that the epoch is complete. */
export type FeedEvent = SubscriptionEvent;

export interface FeedOptions {
  /** Gives the content at the first epoch before the changes behind it. */
  readonly snapshot: boolean;
  /** The first epoch; null: the newest one complete that the session may see. */
  readonly asOf: Epoch | null;
  /** Begins with the changes held of epochs whose time is later; absent: behind the first epoch. Without a snapshot. */
  readonly sinceMicros?: number;
  /** Ends in front of this epoch; null: never. */
  readonly upTo: Epoch | null;
  /** The session's own last write, which has to be seen. */
  readonly atLeast: Epoch;
  readonly signal: AbortSignal;
}

export type Feed = AsyncGenerator<FeedEvent>;

/**
 * Content and changes of a stored relation: folding them gives the relation at every epoch that is noted as complete (docs/semantics.md, Epochs). Without the snapshot
 * and from the epoch last seen as complete it goes on where another feed ended. Errors: 72000 when that epoch is not retained any more.
 */
export async function* openFeed(relation: Relation, engine: Engine, options: FeedOptions): Feed {
  const { signal, upTo } = options;
  const { cluster } = engine;
  const id = relationId(relation);
  const abort = new AbortController();
  const onAbort = (): void => abort.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const pinned = await cancellable(options.asOf === null ? engine.pin([id], options.atLeast) : cluster.pinAt([id], options.asOf), signal);
    // The subscription starts before the snapshot is read, so that no epoch between the two is missed.
    const from = options.sinceMicros === undefined ? { after: pinned.epoch } : { sinceMicros: options.sinceMicros };
    const changes = cluster.subscribe(id, from, abort.signal)[Symbol.asyncIterator]();
    try {
      if (upTo !== null && pinned.epoch >= upTo) return;
      if (options.snapshot)
        for await (const batch of contentOf(relation, pinned, engine)) yield { epoch: pinned.epoch, timestampMicros: null, batch };
      if (options.sinceMicros === undefined) yield { epoch: pinned.epoch, timestampMicros: null, batch: null };
    } finally {
      pinned.release();
    }
    for (;;) {
      const next = await cancellable(changes.next(), signal);
      if (next.done) return;
      if (upTo !== null && next.value.epoch >= upTo) return;
      yield next.value;
      if (upTo !== null && next.value.batch === null && next.value.epoch === upTo - 1) return;
    }
  } finally {
    abort.abort(new SqlError({ code: SqlState.queryCanceled, message: 'subscription ended' }));
    signal.removeEventListener('abort', onAbort);
  }
}

function contentOf(relation: Relation, pinned: PinnedEpoch, { cluster }: Engine): AsyncIterable<Batch> {
  return cluster.scan(relationId(relation), pinned, { columns: relation.columns.map((_, index) => index) });
}
