import { levelScratchDatabase, removeDirectory, type ScratchDatabaseFactory } from '../leveldb/index.ts';
import type { Scratch, ScratchPlace } from './scratch.ts';
import { WrittenBehind } from './written-behind.ts';

/**
 * Scratches in the directory `path`, which is this place's alone: a LevelDB for each, made when its first value comes and removed with it. What an earlier process
 * has left there goes before the first one is made.
 */
export function levelScratchPlace(path: string): ScratchPlace {
  return new LevelScratchPlace(path);
}

class LevelScratchPlace implements ScratchPlace {
  readonly #path: string;
  readonly #open = new Set<Scratch>();
  #count = 0;
  #cleared: Promise<void> | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  open(wake: () => void): Scratch {
    const name = `${this.#path}/${++this.#count}`;
    const scratch: Scratch = new WrittenBehind(this.#databaseAt(name), { name, wake, closed: () => this.#open.delete(scratch) });
    this.#open.add(scratch);
    return scratch;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((scratch) => scratch.close()));
    if (this.#cleared !== null) await removeDirectory(this.#path);
  }

  #databaseAt(path: string): ScratchDatabaseFactory {
    const database = levelScratchDatabase(path);
    return {
      open: async () => {
        this.#cleared ??= removeDirectory(this.#path);
        await this.#cleared;
        return database.open();
      },
      destroy: () => database.destroy(),
    };
  }
}
