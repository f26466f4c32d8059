import { type FileHandle, mkdir, open, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { SqlError, SqlState } from '../../base/index.ts';
import { type Batch, type Epoch, gatherBatch } from '../../batch/index.ts';
import type { Encoder, SinkContext, SinkWriter } from '../../spi/index.ts';
import { fileError, hasHeader, pathOption } from './options.ts';

/** Encoded bytes waiting for the disk; above it the sink takes no more rows. */
const PENDING_BYTES_MAX = 8 * 1024 * 1024;

/**
 * Writes lines into `.part-SUBTASK-EPOCH.inprogress`, closed by fsync at the checkpoint and renamed when the checkpoint is durable: a file with a
 * visible name holds committed rows only, each exactly once.
 */
export class FileWriter implements SinkWriter {
  readonly #context: SinkContext;
  readonly #folder: string;
  readonly #encoder: Encoder;
  #handle: FileHandle | null = null;
  #temporary: string | null = null;
  #pendingBytes = 0;
  /** Writes run one after another; each step leaves the chain usable and keeps the first failure. */
  #chain: Promise<void> = Promise.resolve();
  #failure: SqlError | null = null;

  constructor(context: SinkContext) {
    this.#context = context;
    this.#folder = pathOption(context.options);
    const name = context.options.get('format') ?? 'json';
    const format = context.formats.get(name);
    if (format === undefined) throw new SqlError({ code: SqlState.undefinedObject, message: `format "${name}" does not exist` });
    this.#encoder = format.createEncoder(context.columns, context.options);
  }

  ready(): boolean {
    return this.#pendingBytes < PENDING_BYTES_MAX;
  }

  write(epoch: Epoch, batch: Batch): void {
    const bytes = this.#lines(expandWeights(batch));
    this.#pendingBytes += bytes.length;
    this.#enqueue(async () => {
      this.#handle ??= await this.#open(epoch);
      await this.#handle.appendFile(bytes);
      this.#pendingBytes -= bytes.length;
      this.#context.wake();
    });
  }

  flushed(_epoch: Epoch): boolean {
    if (this.#failure !== null) throw this.#failure;
    return this.#pendingBytes === 0 && this.#handle === null;
  }

  prepare(epoch: Epoch): Uint8Array | null {
    if (this.#handle === null && this.#pendingBytes === 0) return null;
    const name = `part-${this.#context.subtaskIndex}-${epoch}.${this.#context.options.get('format') ?? 'json'}`;
    let temporary = '';
    this.#enqueue(async () => {
      temporary = this.#temporary!;
      await this.#handle!.sync();
      await this.#handle!.close();
      this.#handle = null;
      this.#temporary = null;
      await rename(temporary, join(this.#folder, `.${name}.ready`));
      this.#context.wake();
    });
    return new TextEncoder().encode(name);
  }

  async commit(_epoch: Epoch, committable: Uint8Array): Promise<void> {
    const name = new TextDecoder().decode(committable);
    await this.#chain;
    if (this.#failure !== null) throw this.#failure;
    const ready = join(this.#folder, `.${name}.ready`);
    try {
      await rename(ready, join(this.#folder, name));
    } catch (error) {
      // Committed before: the visible file is there and the other is gone.
      await stat(join(this.#folder, name)).catch(() => {
        throw fileError(error, ready);
      });
    }
  }

  async recover(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
  }

  async close(): Promise<void> {
    await this.#chain;
    if (this.#handle === null) return;
    await this.#handle.close();
    await unlink(this.#temporary!);
  }

  async #open(epoch: Epoch): Promise<FileHandle> {
    await mkdir(this.#folder, { recursive: true });
    this.#temporary = join(this.#folder, `.part-${this.#context.subtaskIndex}-${epoch}.inprogress`);
    const handle = await open(this.#temporary, 'w');
    if (this.#context.options.get('format') === 'csv' && hasHeader(this.#context.options)) {
      await handle.appendFile(`${this.#context.columns.map((column) => column.name).join(',')}\n`);
    }
    return handle;
  }

  #lines(batch: Batch): Buffer {
    const { data, starts, ends } = this.#encoder.encode(batch);
    let total = batch.rowCount;
    for (let row = 0; row < batch.rowCount; row++) total += ends[row]! - starts[row]!;
    const bytes = Buffer.allocUnsafe(total);
    let at = 0;
    for (let row = 0; row < batch.rowCount; row++) {
      bytes.set(data.subarray(starts[row]!, ends[row]!), at);
      at += ends[row]! - starts[row]!;
      bytes[at++] = 10;
    }
    return bytes;
  }

  #enqueue(step: () => Promise<void>): void {
    this.#chain = this.#chain.then(async () => {
      if (this.#failure !== null) return;
      try {
        await step();
      } catch (error) {
        this.#failure = fileError(error, this.#folder);
        this.#context.wake();
      }
    });
  }
}

/** Rows with weight n become n rows; a file cannot take a row back, and the planner has refused such queries. */
function expandWeights(batch: Batch): Batch {
  if (batch.weights === null) return batch;
  const rows: number[] = [];
  for (let row = 0; row < batch.rowCount; row++) for (let i = 0; i < batch.weights[row]!; i++) rows.push(row);
  const dense = { ...batch, weights: null } as Batch;
  return gatherBatch(dense, Int32Array.from(rows), rows.length);
}
