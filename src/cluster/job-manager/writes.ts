import { type Epoch, encodeBatch } from '../../batch/index.ts';
import type { StateStore } from '../../state/index.ts';
import type { WriteRequest } from '../cluster.ts';
import type { Conditions } from './conditions.ts';
import type { EmbeddedPumps } from './embedded-pumps.ts';
import type { EpochCoordinator } from './epoch-coordinator.ts';
import type { News } from './news.ts';

export interface WritesParts {
  readonly store: StateStore;
  readonly pumps: EmbeddedPumps;
  readonly epochs: EpochCoordinator;
  readonly conditions: Conditions;
  readonly news: News;
  /** Throws when nothing may be shown any more. */
  readonly assertUsable: () => void;
}

/** What statements write: into the log of stored tables, and from there into an epoch. */
export class Writes {
  readonly #parts: WritesParts;
  #newest = -1;

  constructor(parts: WritesParts) {
    this.#parts = parts;
  }

  /** Resolves to an epoch that has the rows. */
  async write(writes: readonly WriteRequest[]): Promise<Epoch> {
    const { store, pumps, epochs, conditions, news, assertUsable } = this.#parts;
    assertUsable();
    const encoded = writes.map(({ relation, batch }) => ({ relation, batch: encodeBatch(batch), rows: batch.rowCount }));
    const written = news.writing(new Set(writes.map(({ relation }) => relation)));
    const position = await store.embeddedLog.append(encoded).finally(written);
    pumps.appended(position, encoded);
    this.#newest = Math.max(this.#newest, position);
    epochs.request(true);
    await conditions.until(() => {
      assertUsable();
      return epochs.embeddedEnd > position;
    });
    return epochs.lastEpoch;
  }

  /** An epoch that a lagging region missed could not take the rows in; the next one may. */
  askAgain(): void {
    const { epochs } = this.#parts;
    if (this.#newest >= Math.max(1, epochs.embeddedEnd) && epochs.canTakeWrites()) epochs.request(true);
  }
}
