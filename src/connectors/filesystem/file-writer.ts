import { assert, type FileHandle, SqlError, SqlState, toSqlError } from '../../base/index.ts';
import { type Batch, type Epoch, gatherBatch } from '../../batch/index.ts';
import type { Encoder, SinkContext, SinkWriter } from '../../spi/index.ts';
import { hasHeader } from './options.ts';
import { PartNames } from './part-names.ts';
import type { SinkFolder } from './sink-folder.ts';

/** Encoded bytes waiting for the disk; above it the sink takes no more rows. */
const PENDING_BYTES_MAX = 8 * 1024 * 1024;

/**
 * Writes lines into a hidden file, which is fsynced and called `ready` at the checkpoint barrier and gets its visible name when the checkpoint is durable:
 * a visible file holds committed rows only, each exactly once.
 */
export class FileWriter implements SinkWriter {
  readonly #context: SinkContext;
  readonly #folder: SinkFolder;
  readonly #encoder: Encoder;
  readonly #names: PartNames;
  readonly #format: string;
  /** The file rows go to, once the first one is on its way. */
  #current: { readonly name: string; handle: FileHandle | null } | null = null;
  #unfinished = 0;
  #pendingBytes = 0;
  /** Files this writer itself has prepared: they must be there when they are committed. */
  readonly #prepared = new Set<string>();
  /** Steps run one after another; after the first failure none does anything any more. */
  #chain: Promise<void> = Promise.resolve();
  #failure: SqlError | null = null;
  #recovered = false;
  #closed = false;

  constructor(context: SinkContext, folder: SinkFolder) {
    this.#context = context;
    this.#folder = folder;
    this.#format = context.options.get('format') ?? 'json';
    const format = context.formats.get(this.#format);
    if (format === undefined) throw new SqlError({ code: SqlState.undefinedObject, message: `format "${this.#format}" does not exist` });
    this.#encoder = format.createEncoder(context.columns, context.options);
    this.#names = new PartNames(context.sink, context.subtaskIndex, this.#format);
  }

  ready(): boolean {
    if (this.#failure !== null) throw this.#failure;
    return this.#pendingBytes < PENDING_BYTES_MAX;
  }

  write(epoch: Epoch, batch: Batch): void {
    assert(this.#recovered, 'rows for a file before the folder has been looked at');
    const bytes = this.#lines(expandWeights(batch));
    this.#current ??= { name: this.#names.inProgress(epoch), handle: null };
    const file = this.#current;
    this.#pendingBytes += bytes.length;
    this.#enqueue(async () => {
      file.handle ??= await this.#create(file.name);
      await file.handle.append(bytes);
      this.#pendingBytes -= bytes.length;
    });
  }

  flushed(_epoch: Epoch): boolean {
    if (this.#failure !== null) throw this.#failure;
    return this.#unfinished === 0;
  }

  prepare(epoch: Epoch): Uint8Array | null {
    const file = this.#current;
    if (file === null) return null;
    this.#current = null;
    const visible = this.#names.visible(epoch);
    this.#prepared.add(visible);
    this.#enqueue(async () => {
      await file.handle!.sync();
      await file.handle!.close();
      await this.#folder.rename(file.name, PartNames.ready(visible));
      await this.#folder.syncDirectory('');
    });
    return new TextEncoder().encode(visible);
  }

  /** Returns once the visible name is durable: after that nobody remembers the file any more. */
  async commit(_epoch: Epoch, committable: Uint8Array): Promise<void> {
    const visible = new TextDecoder().decode(committable);
    const ready = PartNames.ready(visible);
    if (await this.#folder.exists(ready)) await this.#folder.rename(ready, visible);
    else if (!(await this.#folder.exists(visible))) this.#assertTaken(visible);
    await this.#folder.syncDirectory('');
    this.#prepared.delete(visible);
  }

  async recover(lastCommittedEpoch: Epoch): Promise<void> {
    await this.#folder.makeDirectory('');
    const found = await this.#folder.list('');
    for (const name of this.#names.leftOver(found, lastCommittedEpoch, this.#context.parallelism)) await this.#folder.remove(name);
    this.#names.begin(found);
    this.#recovered = true;
  }

  /** What was not committed by then is written again by the next attempt. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#chain;
    const file = this.#current;
    if (file === null || file.handle === null) return;
    await file.handle.close();
    await this.#folder.remove(file.name);
  }

  /** Committed before a crash, and taken away by a reader since: that is no loss. A file of this very writer must be there. */
  #assertTaken(visible: string): void {
    if (this.#prepared.has(visible))
      throw new SqlError({ code: SqlState.undefinedFile, message: `file "${visible}" has gone before it was committed`, class: 'external' });
    this.#context.logger.log('warn', 'a committed file is not there any more', { file: visible });
  }

  async #create(name: string): Promise<FileHandle> {
    const handle = await this.#folder.open(name, 'create');
    if (this.#format === 'csv' && hasHeader(this.#context.options)) {
      await handle.append(new TextEncoder().encode(`${this.#context.columns.map((column) => column.name).join(',')}\n`));
    }
    return handle;
  }

  #lines(batch: Batch): Uint8Array {
    const { data, starts, ends } = this.#encoder.encode(batch);
    let total = batch.rowCount;
    for (let row = 0; row < batch.rowCount; row++) total += ends[row]! - starts[row]!;
    const bytes = new Uint8Array(total);
    let at = 0;
    for (let row = 0; row < batch.rowCount; row++) {
      bytes.set(data.subarray(starts[row]!, ends[row]!), at);
      at += ends[row]! - starts[row]!;
      bytes[at++] = 10;
    }
    return bytes;
  }

  #enqueue(step: () => Promise<void>): void {
    this.#unfinished++;
    this.#chain = this.#chain.then(async () => {
      if (this.#failure !== null || this.#closed) return;
      try {
        await step();
        this.#unfinished--;
      } catch (error) {
        this.#failure = toSqlError(error);
      }
      this.#context.wake();
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
