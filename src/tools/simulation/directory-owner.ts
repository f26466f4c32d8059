import { type DirectoryLock, SqlError, SqlState } from '../../base/index.ts';
import { type KeyValueStoreFactory, MemoryKeyValuePlace } from '../../state/index.ts';
import type { SimulatedDisk } from '../../state/testing/index.ts';
import type { ProcessLife } from './process-life.ts';

/** Who holds the data directory, and who has the store of its base open, as the machine's kernel knows it: a dead process holds nothing. */
export class DirectoryOwner {
  readonly #disk: SimulatedDisk;
  #holder: ProcessLife | null = null;
  #base: { readonly place: MemoryKeyValuePlace; openBy: ProcessLife | null };

  constructor(disk: SimulatedDisk) {
    this.#disk = disk;
    this.#base = { place: disk.keyValuePlace, openBy: null };
  }

  lockOf(life: ProcessLife): DirectoryLock {
    return {
      acquire: async () => {
        if (this.#holder !== null && this.#holder !== life && !this.#holder.killed) throw inUse();
        this.#holder = life;
      },
      seize: async () => {
        this.#holder = life;
      },
      announce: async () => undefined,
      release: async () => {
        if (this.#holder === life) this.#holder = null;
      },
    };
  }

  /** A process that was replaced while it slept has its store still open: its successor begins another one, as levelStoreFactory does. */
  keyValueStoreOf(life: ProcessLife): KeyValueStoreFactory {
    let own: KeyValueStoreFactory | null = null;
    const newest = (): KeyValueStoreFactory => {
      const { openBy } = this.#base;
      const isOpen = openBy !== null && openBy !== life && !openBy.killed;
      if (isOpen) this.#base = { place: new MemoryKeyValuePlace(), openBy: life };
      return this.#disk.keyValueStore(this.#base.place);
    };
    return {
      open: () => {
        own ??= newest();
        this.#base.openBy = life;
        return own.open();
      },
      destroy: () => (own ?? newest()).destroy(),
    };
  }
}

function inUse(): SqlError {
  return new SqlError({ code: SqlState.objectInUse, message: 'the data directory is in use by another fsql server' });
}
