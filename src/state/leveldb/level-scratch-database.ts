import { mkdir, rm } from 'node:fs/promises';
import type { Level } from 'level';
import { levelError, mapped } from './level-store.ts';
import type { ScratchChange, ScratchDatabase, ScratchDatabaseFactory } from './scratch-database.ts';

/** Larger than LevelDB's own 4 MB: what is spilled comes in bursts. */
const WRITE_BUFFER_BYTES = 16 * 1024 * 1024;

type Database = Level<Uint8Array, Uint8Array>;

/** LevelDB in the directory `path`, for as long as somebody has it open. */
export function levelScratchDatabase(path: string): ScratchDatabaseFactory {
  const destroy = (): Promise<void> => removeDirectory(path);
  return {
    open: async () => {
      await destroy();
      await mapped(path, () => mkdir(path, { recursive: true }));
      const { Level } = await import('level');
      const database: Database = new Level(path, { keyEncoding: 'view', valueEncoding: 'view', writeBufferSize: WRITE_BUFFER_BYTES });
      await mapped(path, () => database.open());
      return new LevelScratchDatabase(path, database);
    },
    destroy,
  };
}

export function removeDirectory(path: string): Promise<void> {
  return mapped(path, () => rm(path, { recursive: true, force: true }));
}

class LevelScratchDatabase implements ScratchDatabase {
  readonly #path: string;
  readonly #database: Database;

  constructor(path: string, database: Database) {
    this.#path = path;
    this.#database = database;
  }

  getSync(key: Uint8Array): Uint8Array | undefined {
    try {
      return this.#database.getSync(key);
    } catch (error) {
      throw levelError(this.#path, error);
    }
  }

  /** Not synced: nothing has to survive the process. */
  async write(changes: readonly ScratchChange[]): Promise<void> {
    await mapped(this.#path, async () => {
      const batch = this.#database.batch();
      for (const { key, value } of changes) {
        if (value === null) batch.del(key);
        else batch.put(key, value);
      }
      await batch.write();
    });
  }

  close(): Promise<void> {
    return mapped(this.#path, () => this.#database.close());
  }
}
