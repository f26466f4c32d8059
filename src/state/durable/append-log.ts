import { assert, type FileHandle, SqlError, SqlState, type Storage, toSqlError } from '../../base/index.ts';
import { damagedFile } from '../damage.ts';
import {
  CONTINUED_BYTES,
  decodeFileHeader,
  encodeContinued,
  encodeFileHeader,
  FILE_HEADER_BYTES,
  isContinued,
  RECORD_OVERHEAD_BYTES,
  readRecord,
  writeRecord,
} from './append-log-file.ts';
import { type Incarnation, takenOver } from './incarnation.ts';
import { removeFile } from './remove-file.ts';

/** Payload bytes that share one write and one fsync. */
const GROUP_BYTES_MAX = 8 * 1024 * 1024;
/** Bytes read at once, except for a larger record. */
const READ_BYTES = 1024 * 1024;

export interface AppendLogOptions {
  readonly storage: Storage;
  readonly incarnation: Incarnation;
  readonly folder: string;
  /** At most 8 ASCII characters; part of every file, so that files of two logs cannot be mistaken. */
  readonly name: string;
  /** A file that has reached this size is followed by a new one. */
  readonly fileBytes: number;
}

export interface LogRecord {
  readonly position: number;
  readonly payload: Uint8Array;
}

interface LogFile {
  readonly name: string;
  readonly first: number;
  readonly previousFirst: number;
  readonly previousBytes: number;
  /** Offset of each record, and behind the last one; null until the file has been read. */
  offsets: number[] | null;
}

interface Waiting {
  readonly payload: Uint8Array;
  readonly resolve: (position: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Records numbered 1, 2, 3 … in a sequence of files. Appends that are made while another one is on its way to the disk share the next
 * write and the next fsync. Laws: what has resolved is read back exactly or reported as damaged; what was rejected is cut off again before
 * the rejection; an fsync that failed is never tried again, the log takes nothing more until it is opened anew. Nothing resolves behind the claim of a
 * later server, and no file of its is touched: each server writes to files that it made itself.
 */
export class AppendLog {
  readonly #options: AppendLogOptions;
  readonly #files: LogFile[] = [];
  #handle: FileHandle | null = null;
  /** The file before the newest one, until it says that it is continued. */
  #full: FileHandle | null = null;
  /** A file without a record that lies where the next one will be. */
  #spare: { readonly name: string; readonly handle: FileHandle } | null = null;
  /** The directory knows the newest file's name for good. */
  #named = true;
  /** Bytes behind the durable end of the newest file that a failed write may have left. */
  #dirty = false;
  #last = 0;
  #failure: SqlError | null = null;
  #queue: Waiting[] = [];
  #flushing: Promise<void> | null = null;

  private constructor(options: AppendLogOptions) {
    this.#options = options;
  }

  /** Finds the durable end: a tail that was never written completely is cut off, anything else that does not fit is XX001. */
  static async open(options: AppendLogOptions): Promise<AppendLog> {
    const log = new AppendLog(options);
    await log.#recover();
    return log;
  }

  /** Position of the last durable record; 0 when there never was one. */
  get lastPosition(): number {
    return this.#last;
  }

  /** Position of the first record that is still kept, or of the next one. */
  get firstPosition(): number {
    return this.#files[0]?.first ?? this.#last + 1;
  }

  /** Of a log that never had a record: the first one will be the one behind `position`. */
  async startBehind(position: number): Promise<void> {
    assert(this.#files.length === 0 && this.#queue.length === 0, 'a log that has had records begins where it began');
    this.#last = position;
    await this.#fileToWrite();
  }

  append(payload: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ payload, resolve, reject });
      this.#flushing ??= this.#flushAll();
    });
  }

  /** Durable records behind `position`, up to the last at the time of the call. */
  async *read(position: number): AsyncIterable<LogRecord> {
    const last = this.#last;
    let next = Math.max(position + 1, this.firstPosition);
    while (next <= last) {
      const index = this.#files.findLastIndex((file) => file.first <= next);
      const file = this.#files[index];
      if (file === undefined) throw damagedFile(this.#options.folder, null, `record ${next} of the log is missing`);
      const end = Math.min(last, (this.#files[index + 1]?.first ?? last + 1) - 1);
      for await (const record of this.#readFile(file, next, end)) {
        yield record;
        next = record.position + 1;
      }
    }
  }

  /** Deletes files that hold nothing behind `position`, oldest first, so that what is left has no gap whenever the machine stops. */
  async release(position: number): Promise<void> {
    while (this.#files.length > 1 && this.#files[1]!.first <= position + 1) {
      // A newest file without a durable record may vanish, and the positions with it.
      if (this.#files.length === 2 && this.#durableEnd(this.#files[1]!) === 0) return;
      const file = this.#files[0]!;
      await removeFile(this.#options.storage, this.#path(file.name));
      this.#files.shift();
      await this.#options.storage.syncDirectory(this.#options.folder);
    }
  }

  async close(): Promise<void> {
    await this.#flushing;
    await this.#handle?.close();
    await this.#full?.close();
    await this.#spare?.handle.close();
    this.#handle = null;
    this.#full = null;
    this.#spare = null;
    this.#failure ??= new SqlError({ code: SqlState.adminShutdown, message: 'the data directory has been closed' });
  }

  async #recover(): Promise<void> {
    const { storage, folder, name } = this.#options;
    const names = (await storage.list(folder)).filter((file) => /^\d{16}$/.test(file));
    for (let index = 0; index < names.length; index++) await this.#addFile(names[index]!, index === names.length - 1);
    const newest = this.#files.at(-1);
    if (newest === undefined) return;
    const path = this.#path(newest.name);
    const bytes = await storage.readAll(path);
    const { end, continued } = this.#scan(newest, bytes);
    assert(newest.offsets !== null, `${name} log without offsets`);
    this.#last = newest.first + newest.offsets.length - 2;
    if (continued) throw damagedFile(this.#path(fileName(this.#last + 1)), null, `the file is missing, although "${newest.name}" goes on in it`);
    const before = this.#files.at(-2);
    if (before !== undefined) await this.#rewriteContinued(before, newest);
    this.#handle = await this.#rewrite(path, bytes.subarray(0, end));
  }

  /**
   * The newest file is written anew. What was read of it may be in the memory of the operating system alone: after a failed fsync its pages
   * count as clean, and no later fsync would bring them to the disk. Nor could a server that wakes late be kept from writing to the old one.
   */
  async #rewrite(path: string, bytes: Uint8Array): Promise<FileHandle> {
    const { storage, folder, incarnation } = this.#options;
    const temporary = incarnation.temporary(folder);
    const file = await storage.open(temporary, 'create');
    try {
      await file.append(bytes);
      await file.sync();
      await incarnation.check();
      await storage.rename(temporary, path);
      await storage.syncDirectory(folder);
      return file;
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
  }

  /** The file in front of the newest one: the mark that it is continued may be missing or torn, or on its way from a server that wakes late and would be the second. */
  async #rewriteContinued(file: LogFile, next: LogFile): Promise<void> {
    const path = this.#path(file.name);
    const records = (await this.#options.storage.readAll(path)).subarray(0, next.previousBytes);
    const mark = encodeContinued(next.first);
    const bytes = new Uint8Array(records.length + mark.length);
    bytes.set(records);
    bytes.set(mark, records.length);
    await (await this.#rewrite(path, bytes)).close();
  }

  async #addFile(name: string, newest: boolean): Promise<void> {
    const { storage } = this.#options;
    const path = this.#path(name);
    const before = this.#files.at(-1);
    const head = newest ? await storage.readAll(path) : await this.#reading(path, (handle) => handle.read(0, FILE_HEADER_BYTES));
    const previousBytes = before === undefined ? 0 : await this.#reading(this.#path(before.name), (handle) => handle.size());
    const header = decodeFileHeader(path, head);
    if (header === null) {
      const known = before !== undefined && this.#scan(before, await storage.readAll(this.#path(before.name))).continued;
      if (!newest || known) throw damagedFile(path, 0, 'the header is missing');
      this.#spare = { name, handle: await this.#rewrite(path, new Uint8Array(0)) };
      return;
    }
    if (header.log !== this.#options.name || header.first !== Number(name)) throw damagedFile(path, 0, 'the file belongs to another place');
    const behind = previousBytes - header.previousBytes;
    if (before !== undefined && (header.previousFirst !== before.first || behind < 0 || behind > CONTINUED_BYTES)) {
      throw damagedFile(this.#path(before.name), null, `it is not what the next file, "${name}", goes on from`);
    }
    this.#files.push({ name, first: header.first, previousFirst: header.previousFirst, previousBytes: header.previousBytes, offsets: null });
  }

  async #reading<T>(path: string, read: (handle: FileHandle) => Promise<T>): Promise<T> {
    const handle = await this.#options.storage.open(path, 'read');
    try {
      return await read(handle);
    } finally {
      await handle.close();
    }
  }

  /** Checks all records of a file. `end` is the offset behind the last complete one. */
  #scan(file: LogFile, bytes: Uint8Array): { readonly end: number; readonly continued: boolean } {
    const offsets = [FILE_HEADER_BYTES];
    let offset = FILE_HEADER_BYTES;
    let continued = false;
    while (offset < bytes.length) {
      continued = isContinued(bytes, offset, file.first + offsets.length - 1);
      if (continued) break;
      const record = readRecord(bytes, offset, { file: this.#path(file.name), position: file.first + offsets.length - 1, start: 0 });
      if (record === null) break;
      offset = record.end;
      offsets.push(offset);
    }
    file.offsets = offsets;
    return { end: offset, continued };
  }

  async *#readFile(file: LogFile, from: number, to: number): AsyncIterable<LogRecord> {
    const path = this.#path(file.name);
    if (file.offsets === null) {
      const bytes = await this.#options.storage.readAll(path);
      const { end, continued } = this.#scan(file, bytes);
      // The file behind it knows where it ended; the mark that says so may be torn when its fsync had failed once.
      const next = this.#files[this.#files.indexOf(file) + 1];
      if (!continued && end !== (next?.previousBytes ?? bytes.length)) throw damagedFile(path, null, 'its last record is not complete');
    }
    const offsets = file.offsets!;
    if (offsets.length - 1 <= to - file.first) throw damagedFile(path, null, `record ${to} is missing`);
    const handle = await this.#options.storage.open(path, 'read');
    try {
      let position = from;
      while (position <= to) {
        const start = offsets[position - file.first]!;
        let end = position;
        while (end < to && offsets[end + 2 - file.first]! - start <= READ_BYTES) end++;
        const bytes = await handle.read(start, offsets[end + 1 - file.first]! - start);
        for (; position <= end; position++) {
          const offset = offsets[position - file.first]! - start;
          const record = readRecord(bytes, offset, { file: path, position, start });
          if (record === null) throw damagedFile(path, start + offset, `record ${position} is not complete`);
          yield { position, payload: record.payload };
        }
      }
    } finally {
      await handle.close();
    }
  }

  async #flushAll(): Promise<void> {
    // Appends made in the same turn of the event loop go together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const group = this.#takeGroup();
      try {
        await this.#write(group);
      } catch (error) {
        for (const waiting of group) waiting.reject(error);
      }
    }
    this.#flushing = null;
  }

  #takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#queue.length && (count === 0 || bytes + this.#queue[count]!.payload.length <= GROUP_BYTES_MAX)) {
      bytes += this.#queue[count++]!.payload.length;
    }
    return this.#queue.splice(0, count);
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    if (this.#dirty) await this.#cutTail();
    const file = await this.#fileToWrite();
    const start = this.#durableEnd(file);
    const bytes = new Uint8Array(group.reduce((sum, { payload }) => sum + payload.length + RECORD_OVERHEAD_BYTES, 0));
    const offsets: number[] = [];
    let offset = 0;
    group.forEach(({ payload }, index) => {
      offset = writeRecord(bytes, offset, { position: this.#last + 1 + index, payload });
      offsets.push(start + offset);
    });
    await this.#appendDurably(bytes);
    await this.#stillOurs();
    file.offsets!.push(...offsets);
    for (const waiting of group) waiting.resolve(++this.#last);
  }

  #durableEnd(file: LogFile): number {
    return file.offsets?.at(-1) ?? 0;
  }

  /**
   * The newest file, or a new one behind it when it is full. Before a new one takes a record, it is there for good and the one before says so:
   * otherwise nobody could tell whether a last file has been deleted.
   */
  async #fileToWrite(): Promise<LogFile> {
    const newest = this.#files.at(-1);
    const isFull = newest === undefined || this.#handle === null || this.#durableEnd(newest) >= this.#options.fileBytes;
    const file = isFull ? await this.#createFile(newest) : newest;
    if (file.offsets === null) {
      await this.#appendDurably(encodeFileHeader({ log: this.#options.name, ...file }));
      file.offsets = [FILE_HEADER_BYTES];
    }
    if (this.#full !== null) await this.#markContinued(this.#full, file);
    this.#full = null;
    return file;
  }

  async #markContinued(full: FileHandle, next: LogFile): Promise<void> {
    // An attempt that failed may have left a part of it.
    await full.truncate(next.previousBytes);
    await full.append(encodeContinued(next.first));
    await this.#trusting(() => full.sync());
    await full.close();
  }

  async #createFile(newest: LogFile | undefined): Promise<LogFile> {
    const first = this.#last + 1;
    const name = fileName(first);
    const spare = this.#spare;
    const handle = spare?.name === name ? spare.handle : await this.#place(this.#path(name));
    if (spare !== null && spare.handle !== handle) await spare.handle.close();
    this.#spare = null;
    this.#full = this.#handle;
    this.#handle = handle;
    this.#named = false;
    const file = {
      name,
      first,
      previousFirst: newest?.first ?? 0,
      previousBytes: newest === undefined ? 0 : this.#durableEnd(newest),
      offsets: null,
    };
    this.#files.push(file);
    return file;
  }

  /** Makes an empty file of this name, which must not be there. */
  async #place(path: string): Promise<FileHandle> {
    const { storage, folder, incarnation } = this.#options;
    const temporary = incarnation.temporary(folder);
    const handle = await storage.open(temporary, 'create');
    try {
      await incarnation.check();
      if (!(await storage.link(temporary, path))) {
        this.#failure = takenOver(`File "${path}" exists already.`);
        throw this.#failure;
      }
    } catch (error) {
      await handle.close().catch(() => undefined);
      throw error;
    }
    // A left-over is swept away at the next start.
    await storage.remove(temporary).catch(() => undefined);
    return handle;
  }

  /** When it cannot be told, nobody knows whether a later server has read what was written. */
  async #stillOurs(): Promise<void> {
    try {
      await this.#options.incarnation.check();
    } catch (error) {
      this.#failure = toSqlError(error);
      throw error;
    }
  }

  async #appendDurably(bytes: Uint8Array): Promise<void> {
    const handle = this.#handle;
    assert(handle !== null, 'a log writes to an open file');
    try {
      await handle.append(bytes);
    } catch (error) {
      this.#dirty = true;
      await this.#cutTail().catch(() => undefined);
      throw error;
    }
    await this.#trusting(async () => {
      await handle.sync();
      if (!this.#named) await this.#options.storage.syncDirectory(this.#options.folder);
      this.#named = true;
    });
  }

  async #cutTail(): Promise<void> {
    const file = this.#files.at(-1);
    assert(file !== undefined && this.#handle !== null, 'a log cuts the tail of an open file');
    const handle = this.#handle;
    await handle.truncate(this.#durableEnd(file));
    await this.#trusting(() => handle.sync());
    this.#dirty = false;
  }

  /** After an fsync error nobody knows what is on the disk: the kernel may have dropped the pages and report success the next time. */
  async #trusting(sync: () => Promise<void>): Promise<void> {
    try {
      await sync();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#failure = new SqlError({
        code: SqlState.ioError,
        message: `the ${this.#options.name} log could not be brought to the disk: ${reason}`,
        hint: 'Start the server again: it goes on from what is on the disk.',
        class: 'external',
        cause: error,
      });
      throw this.#failure;
    }
  }

  #path(name: string): string {
    return `${this.#options.folder}/${name}`;
  }
}

function fileName(first: number): string {
  return String(first).padStart(16, '0');
}
