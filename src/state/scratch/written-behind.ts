import { SqlError, SqlState, toSqlError } from '../../base/index.ts';
import type { Scratch } from '../../spi/index.ts';
import { type ScratchChange, type ScratchDatabase, type ScratchDatabaseFactory, valueChecksum } from '../leveldb/index.ts';

const KEY_BYTES = 6;
const CHECKSUM_BYTES = 4;
/** Bytes of one batch. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** Beyond it owners wait. */
const WAITING_BYTES_MAX = 32 * 1024 * 1024;

interface Waiting {
  readonly key: number;
  readonly value: Uint8Array | null;
}

/**
 * A scratch over a database that writes asynchronously: what is not written yet is read from memory. The database is opened when the first value comes.
 * Values carry a checksum over key and value, as LevelDB's binding verifies none. After a failed write all calls fail alike: the owner's task restarts from its
 * checkpoint, with a scratch of its own.
 */
export class WrittenBehind implements Scratch {
  readonly #factory: ScratchDatabaseFactory;
  readonly #name: string;
  readonly #wake: () => void;
  readonly #onClosed: () => void;
  /** The newest change of each key that is not on disk. */
  readonly #newest = new Map<number, Waiting>();
  #queue: Waiting[] = [];
  #waitingBytes = 0;
  #database: ScratchDatabase | null = null;
  #writing: Promise<void> | null = null;
  #failure: unknown = null;
  #closed = false;

  constructor(factory: ScratchDatabaseFactory, options: { readonly name: string; readonly wake: () => void; readonly closed: () => void }) {
    this.#factory = factory;
    this.#name = options.name;
    this.#wake = options.wake;
    this.#onClosed = options.closed;
  }

  get(key: number): Uint8Array | undefined {
    this.#check();
    const waiting = this.#newest.get(key);
    if (waiting !== undefined) return waiting.value ?? undefined;
    const encoded = encodedKey(key);
    const stored = this.#database?.getSync(encoded);
    return stored === undefined ? undefined : this.#verified(encoded, stored);
  }

  put(key: number, value: Uint8Array): void {
    this.#change({ key, value });
  }

  remove(key: number): void {
    this.#change({ key, value: null });
  }

  ready(): boolean {
    this.#check();
    return this.#waitingBytes <= WAITING_BYTES_MAX;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writing;
    this.#newest.clear();
    this.#queue = [];
    const database = this.#database;
    this.#database = null;
    await database?.close();
    await this.#factory.destroy();
    this.#onClosed();
  }

  #change(change: Waiting): void {
    this.#check();
    this.#newest.set(change.key, change);
    this.#queue.push(change);
    this.#waitingBytes += KEY_BYTES + (change.value?.length ?? 0);
    this.#writing ??= this.#write();
  }

  #check(): void {
    if (this.#failure !== null) throw toSqlError(this.#failure);
  }

  /** Writes until nothing waits. Never rejects: a failure is told to whoever calls next. */
  async #write(): Promise<void> {
    try {
      this.#database ??= await this.#factory.open();
      while (this.#queue.length > 0 && !this.#closed) await this.#writeNext(this.#database);
    } catch (error) {
      this.#failure = error;
    }
    this.#writing = null;
    this.#wake();
  }

  async #writeNext(database: ScratchDatabase): Promise<void> {
    let bytes = 0;
    let count = 0;
    while (count < this.#queue.length && bytes < BATCH_BYTES) bytes += KEY_BYTES + (this.#queue[count++]!.value?.length ?? 0);
    const batch = this.#queue.splice(0, count);
    // Only the newest change of a key matters.
    const changes = batch.filter((change) => this.#newest.get(change.key) === change);
    await database.write(changes.map(sealed));
    for (const change of changes) if (this.#newest.get(change.key) === change) this.#newest.delete(change.key);
    this.#waitingBytes -= bytes;
    this.#wake();
  }

  #verified(key: Uint8Array, stored: Uint8Array): Uint8Array {
    const length = stored.length - CHECKSUM_BYTES;
    const value = stored.subarray(0, Math.max(0, length));
    if (length < 0 || new DataView(stored.buffer, stored.byteOffset + length, CHECKSUM_BYTES).getUint32(0, true) !== valueChecksum(key, value)) {
      throw new SqlError({
        code: SqlState.dataCorrupted,
        message: `state spilled to "${this.#name}" is damaged: the checksum of key ${Buffer.from(key).toString('hex')} does not fit its value`,
        hint: 'The job is made again from its newest checkpoint. Look at the disk for errors.',
        class: 'external',
      });
    }
    return value;
  }
}

function sealed({ key, value }: Waiting): ScratchChange {
  const encoded = encodedKey(key);
  if (value === null) return { key: encoded, value };
  const stored = new Uint8Array(value.length + CHECKSUM_BYTES);
  stored.set(value);
  new DataView(stored.buffer).setUint32(value.length, valueChecksum(encoded, value), true);
  return { key: encoded, value: stored };
}

function encodedKey(key: number): Uint8Array {
  const bytes = new Uint8Array(KEY_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(key / 2 ** 32));
  view.setUint32(2, key >>> 0);
  return bytes;
}
