import { SqlError, SqlState } from '../../base/index.ts';
import { type Epoch, encodeBatch } from '../../batch/index.ts';
import type { StateStore } from '../../state/index.ts';
import type { WriteRequest } from '../cluster.ts';
import type { Conditions } from './conditions.ts';
import type { EmbeddedPumps } from './embedded-pumps.ts';
import type { EpochCoordinator } from './epoch-coordinator.ts';
import type { JobRegistry } from './job-registry.ts';
import type { News } from './news.ts';

export interface WritesParts {
  readonly store: StateStore;
  readonly pumps: EmbeddedPumps;
  readonly epochs: EpochCoordinator;
  readonly conditions: Conditions;
  readonly news: News;
  readonly registry: JobRegistry;
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

  /** Resolves to an epoch that has the rows. Errors: 55000 while a stored table's job has failed; behind one that fails meanwhile the rows are in the log. */
  async write(writes: readonly WriteRequest[]): Promise<Epoch> {
    const { store, pumps, epochs, conditions, news, assertUsable } = this.#parts;
    assertUsable();
    this.#assertTablesLive('');
    const encoded = writes.map(({ relation, batch }) => ({ relation, batch: encodeBatch(batch), rows: batch.rowCount }));
    const written = news.writing(new Set(writes.map(({ relation }) => relation)));
    const position = await store.embeddedLog.append(encoded).finally(written);
    pumps.appended(position, encoded);
    this.#newest = Math.max(this.#newest, position);
    epochs.request(true);
    await conditions.until(() => {
      assertUsable();
      if (epochs.embeddedEnd > position) return true;
      this.#assertTablesLive(' What this statement has written is kept, and is there then.');
      return false;
    });
    return epochs.lastEpoch;
  }

  /** One COMMIT may touch several relations, so an epoch takes in what is in the log for all of them, or for none. */
  #assertTablesLive(more: string): void {
    const { epochs, registry } = this.#parts;
    for (const id of epochs.embeddedJobs) {
      const job = registry.job(id);
      if (job === undefined) continue;
      const { state, error } = registry.execution(job);
      if (state !== 'FAILED' || error === null) continue;
      const { name } = job.graph;
      throw new SqlError({
        code: SqlState.objectNotInPrerequisiteState,
        message: `nothing can be written to tables and streams without a connector: "${name}" has failed`,
        detail: error.detail === undefined ? error.message : `${error.message} (${error.detail})`,
        hint: `Start the server again once the cause is gone, or drop "${name}".${more}`,
      });
    }
  }

  /** An epoch that a lagging region missed could not take the rows in; the next one may. */
  askAgain(): void {
    const { epochs } = this.#parts;
    if (this.#newest >= Math.max(1, epochs.embeddedEnd) && epochs.canTakeWrites()) epochs.request(true);
  }
}
