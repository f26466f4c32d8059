import { readdir, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Level } from 'level';
import { SqlError, SqlState } from '../../base/index.ts';
import type { KeyValueChange, KeyValueStore, KeyValueStoreFactory } from './key-value-store.ts';

type Database = Level<Uint8Array, Uint8Array>;

/**
 * LevelDB in the directory `path`, or in `path-2` and so on: a server that was replaced while it slept has the one before still open. The module is
 * loaded when a store is opened, since servers without a data directory need none.
 */
export function levelStoreFactory(path: string): KeyValueStoreFactory {
  let place: string | null = null;
  return {
    open: async () => {
      if (place !== null) return openAt(place);
      const places = await placesOf(path);
      const newest = places[0] ?? path;
      const opened = await openAt(newest).catch((error: unknown) => {
        if (!(error instanceof SqlError) || error.code !== SqlState.objectInUse) throw error;
        return openAt(successorOf(newest, path));
      });
      place = opened.path;
      for (const other of places) if (other !== place) await rm(other, { recursive: true, force: true });
      return opened;
    },
    destroy: async () => {
      const all = place === null ? await placesOf(path) : [place];
      for (const one of all) await mapped(one, () => rm(one, { recursive: true, force: true }));
    },
  };
}

async function openAt(path: string): Promise<LevelStore> {
  const { Level } = await import('level');
  const database: Database = new Level(path, { keyEncoding: 'view', valueEncoding: 'view' });
  await mapped(path, () => database.open());
  return new LevelStore(path, database);
}

/** The directories there are, newest first. */
async function placesOf(path: string): Promise<string[]> {
  const prefix = `${basename(path)}-`;
  const names = await readdir(dirname(path)).catch(() => []);
  const numbered = names.filter((name) => name === basename(path) || (name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length))));
  return numbered.map((name) => `${dirname(path)}/${name}`).sort((left, right) => numberOf(right, path) - numberOf(left, path));
}

function numberOf(place: string, path: string): number {
  return place.length === path.length ? 1 : Number(place.slice(path.length + 1));
}

function successorOf(place: string, path: string): string {
  return `${path}-${numberOf(place, path) + 1}`;
}

class LevelStore implements KeyValueStore {
  readonly path: string;
  readonly #database: Database;

  constructor(path: string, database: Database) {
    this.path = path;
    this.#database = database;
  }

  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return mapped(this.path, () => this.#database.getMany([...keys]));
  }

  batch(changes: readonly KeyValueChange[]): Promise<void> {
    const operations = changes.map(({ key, value }) => (value === null ? { type: 'del' as const, key } : { type: 'put' as const, key, value }));
    return mapped(this.path, () => this.#database.batch<Uint8Array, Uint8Array>(operations, { sync: true }));
  }

  async *iterate(prefix: Uint8Array): AsyncIterable<readonly [key: Uint8Array, value: Uint8Array]> {
    const end = successor(prefix);
    const iterator = this.#database.iterator({ gte: prefix, ...(end === null ? {} : { lt: end }) });
    try {
      for (;;) {
        const entry = await mapped(this.path, () => iterator.next());
        if (entry === undefined) return;
        yield entry;
      }
    } finally {
      await iterator.close();
    }
  }

  close(): Promise<void> {
    return mapped(this.path, () => this.#database.close());
  }
}

/** The first key behind all that start with the prefix; null when there is none. */
function successor(prefix: Uint8Array): Uint8Array | null {
  const end = prefix.slice();
  for (let index = end.length - 1; index >= 0; index--) {
    if (end[index]! < 0xff) {
      end[index]!++;
      return end.subarray(0, index + 1);
    }
  }
  return null;
}

export async function mapped<T>(path: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw levelError(path, error);
  }
}

/** LevelDB's own message decides, since its errors carry no number of the operating system. */
export function levelError(path: string, error: unknown): SqlError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const innerCode = inner instanceof Error && 'code' in inner ? String(inner.code) : code;
  const reason = inner instanceof Error ? inner.message : String(inner);
  const fields = { class: 'external' as const, cause: error };
  if (/no space left/i.test(reason)) {
    return new SqlError({ ...fields, code: SqlState.diskFull, message: `could not write to "${path}": no space left on device` });
  }
  if (innerCode === 'LEVEL_LOCKED') {
    return new SqlError({ ...fields, code: SqlState.objectInUse, message: `"${path}" is in use by another process` });
  }
  if (
    innerCode === 'LEVEL_CORRUPTION' ||
    /corrupt|checksum|bad block|missing files|not an sstable|truncated|does not exist|no such file/i.test(reason)
  ) {
    return new SqlError({ ...fields, code: SqlState.dataCorrupted, message: `"${path}" is damaged: ${reason}` });
  }
  return new SqlError({ ...fields, code: SqlState.ioError, message: `could not access "${path}": ${reason}` });
}
