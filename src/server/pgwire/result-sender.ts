import { SqlError, SqlState } from '../../base/index.ts';
import type { Batch } from '../../batch/index.ts';
import type { ServerSession } from './session-contract.ts';
import type { StatementScope } from './statement-scope.ts';
import { CHUNK_BYTES } from './wire-buffer.ts';
import type { WireOutput } from './wire-output.ts';

/** What the parts of a connection share once its session is open. */
export interface WireContext {
  readonly session: ServerSession;
  readonly output: WireOutput;
  readonly scope: StatementScope;
}

/** Writes the rows of one batch as messages. */
export interface BatchEncoder {
  readonly done: boolean;
  encode(out: WireOutput['buffer'], rowsMax: number, bytesMax: number): number;
}

/**
 * Rows on their way to the client: may stop at a row limit and go on later (portals). Between chunks it waits for the client and looks
 * whether the statement was cancelled; rows that are there leave at once when the next batch lets itself be waited for, so a
 * subscription shows each change immediately and a large result travels in large chunks.
 */
export class ResultSender {
  readonly #iterator: AsyncIterator<Batch>;
  readonly #createEncoder: (batch: Batch) => BatchEncoder;
  readonly #columnCount: number;
  #encoder: BatchEncoder | null = null;
  #finished = false;

  constructor(batches: AsyncIterable<Batch>, columnCount: number, createEncoder: (batch: Batch) => BatchEncoder) {
    this.#iterator = batches[Symbol.asyncIterator]();
    this.#columnCount = columnCount;
    this.#createEncoder = createEncoder;
  }

  /** True when all rows are sent. */
  get finished(): boolean {
    return this.#finished;
  }

  /** Sends up to `rowsMax` rows and returns their number. On an error the source is closed before it is thrown. */
  async send(context: WireContext, rowsMax = Number.MAX_SAFE_INTEGER): Promise<number> {
    let sent = 0;
    try {
      while (sent < rowsMax && !this.#finished) {
        if (this.#encoder === null || this.#encoder.done) await this.#advance(context);
        else sent += await this.#sendChunk(context, this.#encoder, rowsMax - sent);
      }
    } catch (error) {
      await this.close();
      throw error;
    }
    return sent;
  }

  /** Stops early; the source releases what it holds. */
  async close(): Promise<void> {
    if (this.#finished) return;
    this.#finished = true;
    this.#encoder = null;
    // The source failing at its end adds nothing: the client hears of the reason for the stop.
    await this.#iterator.return?.().catch(() => undefined);
  }

  async #sendChunk(context: WireContext, encoder: BatchEncoder, rowsMax: number): Promise<number> {
    const { output, scope } = context;
    const written = encoder.encode(output.buffer, rowsMax, CHUNK_BYTES);
    const wait = output.flushIfFull();
    scope.throwIfCancelled();
    if (wait) await scope.wait(output.drained());
    return written;
  }

  async #advance(context: WireContext): Promise<void> {
    const pending = this.#iterator.next();
    if (context.output.buffer.position > 0) await flushUnlessReady(pending, context.output);
    const next = await pending;
    context.scope.throwIfCancelled();
    if (next.done === true) {
      this.#finished = true;
      this.#encoder = null;
      return;
    }
    if (next.value.columns.length !== this.#columnCount) {
      throw new SqlError({
        code: SqlState.internalError,
        message: `a result of ${this.#columnCount} columns brought a batch of ${next.value.columns.length}`,
      });
    }
    this.#encoder = this.#createEncoder(next.value);
  }
}

async function flushUnlessReady(pending: Promise<unknown>, output: WireOutput): Promise<void> {
  let ready = false;
  const mark = (): void => {
    ready = true;
  };
  pending.then(mark, mark);
  await new Promise((resolve) => setImmediate(resolve));
  if (!ready) output.flush();
}
