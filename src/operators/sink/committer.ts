import { type Clock, type Logger, type SqlError, type Timer, toSqlError } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import type { SinkWriter, StateTable } from '../../spi/index.ts';
import { Committables } from './committables.ts';

/** Pause before a commit that failed is tried again; doubled each time up to the maximum. */
const RETRY_MS = 100;
const RETRY_MS_MAX = 10_000;

export interface CommitterParts {
  readonly writer: SinkWriter;
  readonly subtask: number;
  readonly startEpoch: Epoch;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Something has changed that the task or users may want to know. */
  readonly changed: () => void;
}

/** Carries a writer through recover, prepare and commit (SinkWriter of spi/connector-definition.ts). */
export class Committer {
  readonly #parts: CommitterParts;
  readonly #committables = new Committables();
  #recovery: 'none' | 'running' | 'done' = 'none';
  #failure: SqlError | null = null;
  /** Why the newest attempt to commit failed, until one succeeds. */
  problem: SqlError | null = null;
  #committing: Promise<void> = Promise.resolve();
  #closed = false;
  /** The pause before the next attempt, and what ends it early. */
  #pause: { readonly timer: Timer; readonly end: () => void } | null = null;
  #committedEpoch: Epoch;

  constructor(parts: CommitterParts) {
    this.#parts = parts;
    this.#committedEpoch = parts.startEpoch;
  }

  get pending(): number {
    return this.#committables.count;
  }

  get pendingBytes(): number {
    return this.#committables.bytes;
  }

  get committedEpoch(): Epoch {
    return this.#committedEpoch;
  }

  stateTable(): StateTable {
    return this.#committables.stateTable();
  }

  /** True once the other side is in the state of the checkpoint this attempt began from. Restored committables are committed then, again perhaps. */
  recovered(): boolean {
    if (this.#failure !== null) throw this.#failure;
    if (this.#recovery === 'none') {
      this.#recovery = 'running';
      this.#parts.writer.recover(this.#parts.startEpoch, this.#committables.due(this.#parts.startEpoch)).then(
        () => {
          this.#recovery = 'done';
          this.commit(this.#parts.startEpoch);
          this.#parts.changed();
        },
        (error: unknown) => {
          this.#failure = toSqlError(error);
          this.#parts.changed();
        },
      );
    }
    return this.#recovery === 'done';
  }

  prepare(epoch: Epoch): void {
    const bytes = this.#parts.writer.prepare(epoch);
    if (bytes !== null) this.#committables.add({ subtask: this.#parts.subtask, epoch, bytes });
    this.#parts.changed();
  }

  /** Checkpoint `epoch` is durable. A commit that fails is tried again: the rows are safe, and the sink goes on meanwhile. */
  commit(epoch: Epoch): void {
    this.#committing = this.#committing.then(() => this.#commitDue(epoch));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#pause?.timer.cancel();
    this.#pause?.end();
    this.#parts.writer.stop?.();
    await this.#committing;
  }

  #paused(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#pause = null;
        resolve();
      };
      this.#pause = { timer: this.#parts.clock.after(milliseconds, end), end };
    });
  }

  async #commitDue(epoch: Epoch): Promise<void> {
    for (const committable of this.#committables.due(epoch)) {
      for (let pauseMs = RETRY_MS; ; pauseMs = Math.min(2 * pauseMs, RETRY_MS_MAX)) {
        try {
          await this.#parts.writer.commit(committable.epoch, committable.bytes);
          this.problem = null;
          break;
        } catch (error) {
          this.problem = toSqlError(error);
          this.#parts.logger.log('warn', 'committing what a sink has written failed', { epoch: committable.epoch, error: this.problem.message });
          this.#parts.changed();
          if (this.#closed) return;
          await this.#paused(pauseMs);
          if (this.#closed) return;
        }
      }
      this.#committables.forget(committable);
    }
    this.#committedEpoch = Math.max(this.#committedEpoch, epoch);
    this.#parts.changed();
  }
}
