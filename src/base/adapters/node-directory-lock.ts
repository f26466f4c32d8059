import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { DirectoryLock, ServerAddress } from '../directory-lock.ts';
import { SqlError } from '../sql-error.ts';
import { SqlState } from '../sql-state.ts';
import { codeOf } from './error-code.ts';
import { makeDirectory } from './make-directory.ts';
import { storageError } from './node-storage.ts';

/** What the lock file says of its holder. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Start of the process as the kernel counts it, so that a process number used again is told apart; empty where the kernel does not say. */
  readonly started: string;
  readonly address: string | null;
  readonly port: number | null;
}

/** Directories locked by this process: its own number in a lock file says nothing, containers use number 1 again and again. */
const heldHere = new Set<string>();
let attempts = 0;

/**
 * The lock of a data directory: a file `LOCK` that names its holder. It is linked into place whole, and taken over by renaming it away, so
 * that of several servers exactly one wins. A holder on this machine that no longer runs has lost it.
 */
export function nodeDirectoryLock(root: string): DirectoryLock {
  return new NodeDirectoryLock(resolve(root));
}

class NodeDirectoryLock implements DirectoryLock {
  readonly #root: string;
  readonly #path: string;
  #held = false;

  constructor(root: string) {
    this.#root = root;
    this.#path = join(root, 'LOCK');
  }

  async acquire(): Promise<void> {
    if (heldHere.has(this.#root)) throw this.#inUse(ownDescription(null));
    heldHere.add(this.#root);
    try {
      await makeDirectory(this.#root);
      if (!(await this.#place(ownDescription(null)))) {
        await this.#takeOver();
        if (!(await this.#place(ownDescription(null)))) throw this.#inUse((await this.#read(this.#path)) ?? null);
      }
      this.#held = true;
    } catch (error) {
      heldHere.delete(this.#root);
      throw storageError(this.#path, error);
    }
  }

  async seize(): Promise<void> {
    const holder = await this.#read(this.#path);
    if (holder !== undefined) await this.#moveAway((moved) => holder !== null && JSON.stringify(moved) !== JSON.stringify(holder));
    await this.acquire();
  }

  async announce(address: ServerAddress): Promise<void> {
    if (!this.#held || !(await this.#isOurs())) return;
    const temporary = this.#temporaryName();
    await writeFile(temporary, JSON.stringify(ownDescription(address)));
    await rename(temporary, this.#path);
  }

  async release(): Promise<void> {
    if (!this.#held) return;
    this.#held = false;
    // Somebody may have seized it.
    if (await this.#isOurs()) await rm(this.#path, { force: true });
    heldHere.delete(this.#root);
  }

  async #isOurs(): Promise<boolean> {
    const own = ownDescription(null);
    const holder = await this.#read(this.#path);
    return holder?.pid === own.pid && holder.host === own.host && holder.started === own.started;
  }

  /** False when there is a lock file already. */
  async #place(holder: Holder): Promise<boolean> {
    const temporary = this.#temporaryName();
    await writeFile(temporary, JSON.stringify(holder));
    try {
      await link(temporary, this.#path);
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** Moves the lock of a dead holder away; throws 55006 when the holder lives or cannot be judged. */
  async #takeOver(): Promise<void> {
    const holder = await this.#read(this.#path);
    if (holder === undefined) return;
    if (holder === null || isAlive(holder)) throw this.#inUse(holder);
    await this.#moveAway(isAlive);
  }

  /** Of several that try, one has it; `isAnothers` tells the lock of a quicker one, which gets it back. */
  async #moveAway(isAnothers: (holder: Holder) => boolean): Promise<void> {
    const stale = this.#temporaryName();
    try {
      await rename(this.#path, stale);
    } catch {
      return;
    }
    const moved = await this.#read(stale);
    if (moved && isAnothers(moved)) await link(stale, this.#path).catch(() => undefined);
    await rm(stale, { force: true });
  }

  /** Undefined when there is no file, null when it cannot be understood. */
  async #read(path: string): Promise<Holder | null | undefined> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
    try {
      const holder = JSON.parse(text) as Partial<Holder>;
      return typeof holder.pid === 'number' && holder.pid > 0 && typeof holder.host === 'string' && typeof holder.started === 'string'
        ? { pid: holder.pid, host: holder.host, started: holder.started, address: holder.address ?? null, port: holder.port ?? null }
        : null;
    } catch {
      return null;
    }
  }

  #inUse(holder: Holder | null): SqlError {
    const other = 'or give this server a data directory of its own, or let it wait as a standby (--standby).';
    if (holder === null) {
      return new SqlError({
        code: SqlState.objectInUse,
        message: `data directory "${this.#root}" is locked, and its lock file cannot be understood`,
        hint: `If no server runs on this directory, remove "${this.#path}", ${other}`,
        class: 'user',
      });
    }
    const where = holder.host === hostname() ? `process ${holder.pid}` : `process ${holder.pid} on host "${holder.host}"`;
    const connect =
      holder.port === null
        ? 'Stop that server,'
        : `Connect to it with "psql -h ${holder.address ?? '127.0.0.1'} -p ${holder.port} -U fsql", stop it,`;
    return new SqlError({
      code: SqlState.objectInUse,
      message: `data directory "${this.#root}" is in use by another fsql server (${where}${holder.port === null ? '' : `, port ${holder.port}`})`,
      hint: `${connect} ${other}`,
      class: 'user',
    });
  }

  #temporaryName(): string {
    return `${this.#path}.${process.pid}-${++attempts}`;
  }
}

function ownDescription(address: ServerAddress | null): Holder {
  return { pid: process.pid, host: hostname(), started: startOf(process.pid), address: address?.host ?? null, port: address?.port ?? null };
}

function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  if (holder.pid === process.pid) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
  // A process that was killed and not yet reaped by its parent still has a number, but runs no more.
  if (['Z', 'X'].includes(statField(holder.pid, 3))) return false;
  const started = startOf(holder.pid);
  return started === '' || holder.started === '' || started === holder.started;
}

/** Start time in clock ticks since boot. */
function startOf(pid: number): string {
  return statField(pid, 22);
}

/** Field `number` (3 or higher) of /proc/<pid>/stat (proc_pid_stat(5)); '' where there is none. The name in field 2 may contain anything but the last ')'. */
function statField(pid: number, number: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[number - 3] ?? '';
  } catch {
    return '';
  }
}
