import { link, type FileHandle as NodeFile, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SqlError } from '../sql-error.ts';
import { SqlState } from '../sql-state.ts';
import type { FileHandle, Storage } from '../storage.ts';
import { codeOf } from './error-code.ts';
import { makeDirectory } from './make-directory.ts';

/** The process, or the machine, has as many files and connections open as it may: nothing has been done, and some of them may be closed soon. */
const TOO_MANY_OPEN: readonly string[] = ['EMFILE', 'ENFILE'];
const OPEN_PAUSE_MS = 50;
const OPEN_TRIES_MAX = 200;

const flagsOf = { create: 'wx+', append: 'r+', read: 'r' } as const;

/** The machine's disk below `root`, which is made when it is missing. `create` never overwrites: an existing file is an error. */
export function nodeStorage(root: string): Storage {
  return new NodeStorage(root);
}

class NodeStorage implements Storage {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  open(name: string, mode: 'create' | 'append' | 'read'): Promise<FileHandle> {
    const path = this.#path(name);
    return mapped(path, async () => {
      const file = await open(path, flagsOf[mode]);
      return new NodeFileHandle(path, file, (await file.stat()).size);
    });
  }

  readAll(name: string): Promise<Uint8Array> {
    const path = this.#path(name);
    return mapped(path, () => readFile(path));
  }

  async exists(name: string): Promise<boolean> {
    const path = this.#path(name);
    return mapped(path, async () => {
      try {
        await stat(path);
        return true;
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return false;
        throw error;
      }
    });
  }

  list(folder: string): Promise<string[]> {
    const path = this.#path(folder);
    return mapped(path, async () => (await readdir(path)).sort());
  }

  makeDirectory(folder: string): Promise<void> {
    const path = this.#path(folder);
    return mapped(path, () => makeDirectory(path));
  }

  link(from: string, to: string): Promise<boolean> {
    const path = this.#path(to);
    return mapped(path, async () => {
      try {
        await link(this.#path(from), path);
        return true;
      } catch (error) {
        if (codeOf(error) === 'EEXIST') return false;
        throw error;
      }
    });
  }

  rename(from: string, to: string): Promise<void> {
    return mapped(this.#path(from), () => rename(this.#path(from), this.#path(to)));
  }

  remove(name: string): Promise<void> {
    const path = this.#path(name);
    return mapped(path, () => rm(path));
  }

  removeDirectory(folder: string): Promise<void> {
    const path = this.#path(folder);
    return mapped(path, () => rmdir(path));
  }

  /** Makes names in the folder durable. The folder itself is a name in its parent. Windows knows no such call and needs none. */
  syncDirectory(folder: string): Promise<void> {
    const path = this.#path(folder);
    if (process.platform === 'win32') return Promise.resolve();
    return mapped(path, async () => {
      const directory = await open(path, 'r');
      try {
        await directory.sync();
      } finally {
        await directory.close();
      }
      if (folder === '') await syncParent(path);
    });
  }

  #path(name: string): string {
    return join(this.#root, name);
  }
}

/** The data directory itself may be new: its name must survive too. A parent that may not be opened is somebody else's and exists already. */
async function syncParent(path: string): Promise<void> {
  try {
    const parent = await open(dirname(path), 'r');
    try {
      await parent.sync();
    } finally {
      await parent.close();
    }
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS', 'EINVAL'].includes(codeOf(error))) throw error;
  }
}

class NodeFileHandle implements FileHandle {
  readonly #path: string;
  readonly #file: NodeFile;
  #size: number;

  constructor(path: string, file: NodeFile, size: number) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
  }

  append(bytes: Uint8Array): Promise<void> {
    return mapped(this.#path, async () => {
      let written = 0;
      while (written < bytes.length) {
        const { bytesWritten } = await this.#file.write(bytes, written, bytes.length - written, this.#size);
        written += bytesWritten;
        this.#size += bytesWritten;
      }
    });
  }

  read(position: number, length: number): Promise<Uint8Array> {
    return mapped(this.#path, async () => {
      const target = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await this.#file.read(target, filled, length - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return filled === length ? target : target.subarray(0, filled);
    });
  }

  async size(): Promise<number> {
    return this.#size;
  }

  truncate(length: number): Promise<void> {
    return mapped(this.#path, async () => {
      await this.#file.truncate(length);
      this.#size = length;
    });
  }

  sync(): Promise<void> {
    return mapped(this.#path, () => this.#file.sync());
  }

  close(): Promise<void> {
    return mapped(this.#path, () => this.#file.close());
  }
}

/** Runs a disk call; its failure becomes a SqlError that names the file (SQLSTATE as PostgreSQL's errcode_for_file_access). */
async function mapped<T>(path: string, call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (!TOO_MANY_OPEN.includes(codeOf(error)) || tries === OPEN_TRIES_MAX) throw storageError(path, error);
      await sleep(OPEN_PAUSE_MS);
    }
  }
}

/** The SqlError of a failed disk call: 53100 no space, 58P01 missing, 42501 not permitted, 58030 everything else. */
export function storageError(path: string, error: unknown): unknown {
  if (error instanceof SqlError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new SqlError({
        code: SqlState.diskFull,
        message: `could not write to file "${path}": no space left on device`,
        hint: 'Free some space on the disk; the server goes on when there is room.',
        class: 'external',
        cause: error,
      });
    case 'ENOENT':
      return new SqlError({
        code: SqlState.undefinedFile,
        message: `could not open file "${path}": no such file or directory`,
        class: 'external',
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new SqlError({
        code: SqlState.insufficientPrivilege,
        message: `could not access file "${path}": permission denied`,
        hint: 'Give the server a directory that it may write.',
        class: 'user',
        cause: error,
      });
    case 'EMFILE':
    case 'ENFILE':
      return new SqlError({
        code: SqlState.ioError,
        message: `could not open file "${path}": too many open files`,
        hint: 'Let the server have more (ulimit -n): each client has one, each topic and each file of a sink some.',
        class: 'external',
        cause: error,
      });
    default:
      return new SqlError({ code: SqlState.ioError, message: `could not access file "${path}": ${reason}`, class: 'external', cause: error });
  }
}
