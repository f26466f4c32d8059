import type { Scratch } from '../../spi/index.ts';
import { levelScratchDatabase, removeDirectory, type ScratchDatabaseFactory } from '../leveldb/index.ts';
import type { ScratchPlace } from './scratch.ts';
import { WrittenBehind } from './written-behind.ts';

/**
 * Scratches in a directory of its own in `directory`: a LevelDB for each, made when its first value comes and removed with it. What earlier processes have left in
 * `directory` goes before the first one is made; `name` is another for each process, as one that was taken for dead may still end, and removes its own only.
 */
export function levelScratchPlace(directory: string, name: string): ScratchPlace {
  return new LevelScratchPlace(directory, name);
}

class LevelScratchPlace implements ScratchPlace {
  readonly #directory: string;
  readonly #path: string;
  readonly #open = new Set<Scratch>();
  #count = 0;
  #cleared: Promise<void> | null = null;

  constructor(directory: string, name: string) {
    this.#directory = directory;
    this.#path = `${directory}/${name}`;
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
        this.#cleared ??= removeDirectory(this.#directory);
        await this.#cleared;
        return database.open();
      },
      destroy: () => database.destroy(),
    };
  }
}
