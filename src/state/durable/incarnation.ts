import { type FileHandle, SqlError, SqlState, type Storage } from '../../base/index.ts';
import { removeFile } from './remove-file.ts';

const PREFIX = 'incarnation-';
/** Sizes the file goes through: a size takes no space, so a full disk stops no sign of life. */
const SIGNS = 1_000;

/**
 * The right of one server to change a data directory, for as long as nobody has claimed a later one. It is the name of a file, since a name is there
 * or not and cannot be half written; the size of the file changes as a sign of life.
 *
 * Law: who has claimed an incarnation sees everything its predecessors have acknowledged, and they acknowledge nothing more, however late they wake.
 * - An append is acknowledged after `check`; who claims reads after the claim. So either the claim comes behind the check, and the append is read, or the
 *   check fails.
 * - A name is made of a `temporary` one, with `check` between; who claims removes the temporaries of others before it reads. So either the name is there to
 *   be read, or there is nothing left to make it of.
 */
export class Incarnation {
  readonly #storage: Storage;
  readonly #lost: (error: SqlError) => void;
  #number: number;
  #handle: FileHandle;
  #temporaries = 0;
  #signs = 0;
  #failure: SqlError | null = null;

  private constructor(storage: Storage, claimed: Claimed, lost: (error: SqlError) => void) {
    this.#storage = storage;
    this.#number = claimed.number;
    this.#handle = claimed.handle;
    this.#lost = lost;
  }

  /** The next incarnation of the directory, one higher than ever before. `lost` is called once, when another server has claimed a later one. */
  static async claim(storage: Storage, lost: (error: SqlError) => void): Promise<Incarnation> {
    return new Incarnation(storage, await claim(storage, 0), lost);
  }

  get number(): number {
    return this.#number;
  }

  /** Goes above an incarnation known from elsewhere, should the files that tell have been lost. */
  async raiseAbove(known: number): Promise<void> {
    if (known < this.#number) return;
    const claimed = await claim(this.#storage, known);
    await this.#handle.close();
    this.#number = claimed.number;
    this.#handle = claimed.handle;
  }

  /** Throws 55006 when another server has claimed the directory since. */
  async check(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    if (await this.#storage.exists(nameOf(this.#number))) return;
    this.#failure = takenOver(`This is incarnation ${this.#number} of it, and there is a later one.`);
    this.#lost(this.#failure);
    throw this.#failure;
  }

  /** A name for a file that will get its real one once it is complete. */
  temporary(folder: string): string {
    return `${folder}/${TEMPORARY}${this.#number}-${++this.#temporaries}`;
  }

  /** Shows who watches that this server is alive. */
  async showLife(): Promise<void> {
    this.#signs = (this.#signs % SIGNS) + 1;
    await this.#handle.truncate(this.#signs);
  }

  async close(): Promise<void> {
    await this.#handle.truncate(0);
    await this.#handle.close();
  }
}

const TEMPORARY = 'temporary-';

/** Removes what earlier servers have not given its name yet. */
export async function removeTemporaries(storage: Storage, folders: readonly string[], incarnation: Incarnation): Promise<void> {
  for (const folder of folders) {
    for (const name of await storage.list(folder)) {
      if (name.startsWith('temporary') && !isLater(name.slice(TEMPORARY.length), incarnation.number)) await removeFile(storage, `${folder}/${name}`);
    }
  }
}

function isLater(rest: string, incarnation: number): boolean {
  return Number.parseInt(rest, 10) > incarnation;
}

/** What a watcher compares: it changes for as long as somebody leads. Null: nobody shows it, so nothing can be told from its standing still. */
export async function signOfLife(storage: Storage): Promise<string | null> {
  const newest = Math.max(0, ...(await incarnationsOf(storage)));
  if (newest === 0) return null;
  try {
    const handle = await storage.open(nameOf(newest), 'read');
    const size = await handle.size().finally(() => handle.close());
    return size === 0 ? null : `${newest}/${size}`;
  } catch (error) {
    if (error instanceof SqlError && error.code === SqlState.undefinedFile) return null;
    throw error;
  }
}

interface Claimed {
  readonly number: number;
  readonly handle: FileHandle;
}

async function claim(storage: Storage, atLeast: number): Promise<Claimed> {
  const number = Math.max(atLeast, ...(await incarnationsOf(storage))) + 1;
  const handle = await storage.open(nameOf(number), 'create');
  await storage.syncDirectory('');
  const others = (await incarnationsOf(storage)).filter((other) => other !== number);
  if (others.some((other) => other > number)) {
    await handle.close();
    throw takenOver('Another server was quicker.');
  }
  // It holds from here on: their checks fail.
  for (const other of others) await removeFile(storage, nameOf(other));
  return { number, handle };
}

async function incarnationsOf(storage: Storage): Promise<number[]> {
  const names = (await storage.list('')).filter((name) => /^incarnation-\d{12}$/.test(name));
  return names.map((name) => Number(name.slice(PREFIX.length)));
}

function nameOf(incarnation: number): string {
  return PREFIX + String(incarnation).padStart(12, '0');
}

export function takenOver(detail: string): SqlError {
  return new SqlError({
    code: SqlState.objectInUse,
    message: 'the data directory has been taken over by another server',
    detail,
    hint: 'What this server has acknowledged is there. Connect to the other one; start this one again as a standby (--standby).',
    class: 'external',
  });
}
