import type { Batch, Epoch } from '../../batch/index.ts';
import type { OutboxStatus, SinkContext, SinkWriter } from '../../spi/index.ts';
import { SINK_ID } from '../sink-id.ts';
import { PostgresConnection } from './connection.ts';
import { EpochOutbox, type EpochRows, epochRowsOf, lastByKey } from './epoch-rows.ts';
import { EpochTable } from './epoch-table.ts';
import { serverOf, tableNameOf } from './options.ts';
import { TargetTable } from './target-table.ts';

/** Above it a checkpoint is asked for, so that the rows can leave. */
const CHECKPOINT_BYTES = 64 * 1024 * 1024;
/** Prepared and not committed: above it the sink takes no more rows. */
const PREPARED_BYTES_MAX = 4 * CHECKPOINT_BYTES;

interface Session {
  readonly connection: PostgresConnection;
  readonly table: TargetTable;
  /** Null for the rows of one INSERT, which are part of no epoch. */
  readonly epochs: EpochTable | null;
}

/**
 * Rows wait for their checkpoint as part of the sink's state, by epoch, and go to the table in one transaction with the number of the newest of them. Epochs
 * that the table says it has are left out: after a crash they come again as they were, since recorded epochs are repeated exactly.
 */
export class PostgresWriter implements SinkWriter {
  readonly #context: SinkContext;
  readonly #outbox = new EpochOutbox();
  #session: Session | null = null;
  #preparedBytes = 0;
  #committed: Epoch | null = null;
  /** What this writer has claimed the sink by; another one may have since. */
  #owner: string | null = null;
  #stopped = false;

  constructor(context: SinkContext) {
    this.#context = context;
  }

  ready(): boolean {
    return this.#preparedBytes < PREPARED_BYTES_MAX;
  }

  write(epoch: Epoch, batch: Batch): void {
    this.#outbox.add(epoch, batch);
  }

  /** What is written waits for a checkpoint, not for the other side. */
  flushed(_epoch: Epoch): boolean {
    return true;
  }

  prepare(_epoch: Epoch): Uint8Array | null {
    const bytes = this.#outbox.take();
    this.#preparedBytes += bytes?.length ?? 0;
    return bytes;
  }

  async commit(epoch: Epoch, committable: Uint8Array): Promise<void> {
    try {
      this.#session ??= await this.#open();
      await this.#apply(this.#session, epoch, epochRowsOf(committable));
    } catch (error) {
      // Whether it has happened is unknown where the connection was lost: the next attempt reads the epoch anew.
      await this.#leave();
      throw error;
    }
    this.#preparedBytes = Math.max(0, this.#preparedBytes - committable.length);
    this.#context.wake();
  }

  /** The table itself says what is in it, when the first commit asks. */
  async recover(_lastCommittedEpoch: Epoch, prepared: readonly { readonly bytes: Uint8Array }[]): Promise<void> {
    for (const { bytes } of prepared) this.#preparedBytes += bytes.length;
  }

  outbox(): OutboxStatus {
    const { bytes } = this.#outbox;
    return { bytes, full: bytes > CHECKPOINT_BYTES, marker: this.#committed === null ? null : `epoch ${this.#committed}` };
  }

  stop(): void {
    this.#stopped = true;
    void this.#leave();
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.#leave();
  }

  async #apply({ connection, table, epochs }: Session, epoch: Epoch, all: readonly EpochRows[]): Promise<void> {
    await connection.transaction(async () => {
      const there = epochs === null ? null : await epochs.locked(this.#owner!);
      const missing = there === null ? all : all.filter((one) => one.epoch > there);
      const { key } = this.#context;
      if (key === null) await table.insert(missing.flatMap(({ rows }) => rows));
      else {
        const { rows, gone } = lastByKey(missing, key);
        await table.delete(gone);
        await table.insert(rows);
      }
      if (there === null || epoch > there) await epochs?.advance(epoch);
      if (epochs !== null) this.#committed = Math.max(epoch, there ?? 0);
    });
  }

  async #open(): Promise<Session> {
    const { options, columns, key, job, sink } = this.#context;
    const connection = await PostgresConnection.open(serverOf(options));
    try {
      if (this.#stopped) throw new Error('the writer has been closed');
      const name = tableNameOf(options);
      const table = await TargetTable.find(connection, { name, columns, key });
      if (job === null) return { connection, table, epochs: null };
      const epochs = new EpochTable(connection, name.schema, { id: `${options.get(SINK_ID) ?? ''}-${job}`, name: sink });
      await epochs.create();
      this.#owner ??= await epochs.claim();
      return { connection, table, epochs };
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async #leave(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.connection.close();
  }
}
