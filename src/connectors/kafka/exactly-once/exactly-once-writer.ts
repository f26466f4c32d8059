import { type SqlError, toSqlError } from '../../../base/index.ts';
import type { Batch, Epoch } from '../../../batch/index.ts';
import type { OutboxStatus, Prepared, SinkContext, SinkWriter } from '../../../spi/index.ts';
import type { Compression } from '../protocol/index.ts';
import type { MarkedOutput, OutputSession } from './marked-output.ts';
import { type Marker, nextMarker, sameMarker, totalOf } from './marker.ts';
import { decodeSendable, decodeTotal, encodeTotal, Outbox } from './outbox.ts';
import { anotherWriter, writerStopped } from './output-errors.ts';
import { SuppressedReplay } from './suppressed-replay.ts';

const OPEN_PAUSE_MS = 1000;

/** Sizes at which the sink asks for a checkpoint, and at which it takes no more rows. Smaller ones are for tests. */
export interface OutboxLimits {
  /** Bytes written since the last checkpoint that make the next one due at once. */
  readonly checkpointBytes: number;
  /** Bytes of checkpoints that are not committed. */
  readonly preparedBytesMax: number;
}

export const outboxLimits: OutboxLimits = { checkpointBytes: 64 * 1024 * 1024, preparedBytesMax: 128 * 1024 * 1024 };

export interface ExactlyOnceParts {
  readonly context: SinkContext;
  readonly output: MarkedOutput;
  readonly compression: Compression;
  readonly limits: OutboxLimits;
}

/**
 * Keeps records in an outbox, lets those of a checkpoint leave when it is durable, in one transaction with a marker that says so, and after a crash or an error
 * of unknown outcome believes the marker alone (docs/guarantees.md, Sinks).
 */
export class ExactlyOnceWriter implements SinkWriter {
  readonly #parts: ExactlyOnceParts;
  readonly #outbox: Outbox;
  #session: OutputSession | null = null;
  #partitionCount = 0;
  /** The newest marker known to be committed; null before the first session. */
  #marker: Marker | null = null;
  /** What a transaction without a known end would have made of it. */
  #doubtful: Marker | null = null;
  #replay: SuppressedReplay | null = null;
  /** Sizes of what is prepared and not committed, by epoch. */
  readonly #prepared = new Map<Epoch, number>();
  #failure: SqlError | null = null;
  #problem: SqlError | null = null;
  #closed = false;
  #wakeUp: () => void = () => undefined;

  constructor(parts: ExactlyOnceParts) {
    this.#parts = parts;
    this.#outbox = new Outbox(parts.context, parts.compression);
  }

  ready(): boolean {
    this.#check();
    return this.#marker !== null && this.#preparedBytes() < this.#parts.limits.preparedBytesMax;
  }

  problem(): SqlError | null {
    return this.#problem ?? this.#session?.retryCause ?? null;
  }

  outbox(): OutboxStatus {
    const total = this.#marker === null ? null : totalOf(this.#marker);
    const { bytes } = this.#outbox;
    return {
      bytes,
      full: bytes >= this.#parts.limits.checkpointBytes,
      marker: total === null || total.epoch === 0 ? null : `epoch ${total.epoch}, ${total.rows} rows`,
    };
  }

  write(epoch: Epoch, batch: Batch): void {
    if (this.#replay !== null && epoch <= this.#replay.through) this.#replay.add(batch);
    else {
      this.#endReplay();
      this.#outbox.append(batch, this.#partitionCount);
    }
  }

  /** Nothing is on its way that a barrier could wait for. */
  flushed(): boolean {
    this.#check();
    return true;
  }

  prepare(epoch: Epoch): Uint8Array | null {
    if (this.#replay !== null && epoch >= this.#replay.through) this.#endReplay();
    if (this.#replay !== null) return encodeTotal(this.#replay.total);
    const bytes = this.#outbox.take();
    if (bytes !== null) this.#prepared.set(epoch, bytes.length);
    return bytes;
  }

  async commit(epoch: Epoch, committable: Uint8Array): Promise<void> {
    this.#check();
    const session = this.#session ?? (await this.#open());
    const marker = this.#marker!;
    if (epoch > totalOf(marker).epoch && decodeTotal(committable) === null) {
      const { rows, digest, batches } = decodeSendable(committable);
      const next = nextMarker(marker, { epoch, rows, digest });
      this.#doubtful = next;
      try {
        await session.commit(batches, next);
      } catch (error) {
        this.#abandon(session);
        throw error;
      }
      this.#marker = next;
      this.#doubtful = null;
    }
    this.#prepared.delete(epoch);
  }

  /** Waits for the other side as long as it takes: without its marker nothing can be decided. */
  async recover(lastCommittedEpoch: Epoch, prepared: readonly Prepared[]): Promise<void> {
    const { context } = this.#parts;
    for (let attempt = 1; !this.#closed; attempt++) {
      try {
        await this.#open();
        break;
      } catch (error) {
        const problem = toSqlError(error);
        if (problem.class !== 'external') throw problem;
        this.#problem = problem;
        if (attempt === 1)
          context.logger.log('warn', 'the sink cannot reach its output and tries again', { sink: context.sink, error: problem.message });
        context.wake();
        await this.#pause();
      }
    }
    const marker = this.#marker;
    if (marker === null || totalOf(marker).epoch <= lastCommittedEpoch) return;
    context.logger.log('warn', 'the output of a sink is ahead of its state: rows are made again and compared', {
      sink: context.sink,
      written: totalOf(marker).epoch,
      state: lastCommittedEpoch,
    });
    const own = prepared.find(({ epoch }) => epoch === lastCommittedEpoch);
    const total = own === undefined ? null : decodeTotal(own.bytes);
    this.#replay = new SuppressedReplay(context.sink, marker, { epoch: lastCommittedEpoch, total });
  }

  /** A commit under way ends here with an error; the next attempt learns from the marker what came of it. */
  stop(): void {
    this.#closed = true;
    this.#wakeUp();
    this.#session?.close();
    this.#session = null;
  }

  async close(): Promise<void> {
    this.stop();
  }

  /** A session, and with it the truth about the last transaction. Errors: 55000 when somebody else has written meanwhile. */
  async #open(): Promise<OutputSession> {
    const session = await this.#parts.output.open();
    if (this.#closed) {
      session.close();
      throw writerStopped(this.#parts.context.sink);
    }
    const known = this.#marker;
    const expected = known === null || sameMarker(known, session.marker) || (this.#doubtful !== null && sameMarker(this.#doubtful, session.marker));
    if (!expected) {
      session.close();
      this.#failure = anotherWriter(this.#parts.context.sink);
      this.#parts.context.wake();
      throw this.#failure;
    }
    this.#session = session;
    this.#marker = session.marker;
    this.#doubtful = null;
    this.#partitionCount = session.partitionCount;
    this.#problem = null;
    return session;
  }

  #abandon(session: OutputSession): void {
    session.close();
    if (this.#session === session) this.#session = null;
  }

  #endReplay(): void {
    const replay = this.#replay;
    if (replay === null) return;
    this.#replay = null;
    try {
      replay.finish();
    } catch (error) {
      this.#failure = toSqlError(error);
      throw error;
    }
  }

  #preparedBytes(): number {
    let bytes = 0;
    for (const length of this.#prepared.values()) bytes += length;
    return bytes;
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#parts.context.clock.after(OPEN_PAUSE_MS, resolve);
      this.#wakeUp = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}
