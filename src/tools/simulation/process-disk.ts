import type { Clock, FileHandle, Random, Storage } from '../../base/index.ts';
import type { KeyValueStore, KeyValueStoreFactory } from '../../state/index.ts';
import { MachineStopped, type SimulatedDisk } from '../../state/testing/index.ts';
import type { DirectoryOwner } from './directory-owner.ts';
import type { ProcessLife } from './process-life.ts';

/** One call in so many takes time, at most so long: another process may be killed, or the clock go on, in the middle of any protocol. */
const SLOW_SHARE = 12;
const SLOW_MS_MAX = 60;

export interface ProcessDiskParts {
  readonly disk: SimulatedDisk;
  readonly owner: DirectoryOwner;
  readonly life: ProcessLife;
  readonly clock: Clock;
  readonly random: Random;
  /** The machine has stopped in one of the calls. */
  readonly stopped: () => void;
}

/** The disk as one process has it, as long as that lives. */
export class ProcessDisk {
  readonly #parts: ProcessDiskParts;

  constructor(parts: ProcessDiskParts) {
    this.#parts = parts;
  }

  storage(): Storage {
    const storage = this.#parts.disk.storage();
    return {
      open: (name, mode) => this.#call(async () => this.#handle(await storage.open(name, mode))),
      readAll: (name) => this.#call(() => storage.readAll(name)),
      exists: (name) => this.#call(() => storage.exists(name)),
      list: (folder) => this.#call(() => storage.list(folder)),
      makeDirectory: (folder) => this.#call(() => storage.makeDirectory(folder)),
      link: (from, to) => this.#call(() => storage.link(from, to)),
      rename: (from, to) => this.#call(() => storage.rename(from, to)),
      remove: (name) => this.#call(() => storage.remove(name)),
      removeDirectory: (folder) => this.#call(() => storage.removeDirectory(folder)),
      syncDirectory: (folder) => this.#call(() => storage.syncDirectory(folder)),
    };
  }

  keyValueStore(): KeyValueStoreFactory {
    const { owner, life } = this.#parts;
    const factory = owner.keyValueStoreOf(life);
    return { open: () => this.#call(async () => this.#store(await factory.open())), destroy: () => this.#call(() => factory.destroy()) };
  }

  #handle(handle: FileHandle): FileHandle {
    return {
      append: (bytes) => this.#call(() => handle.append(bytes)),
      read: (position, length) => this.#call(() => handle.read(position, length)),
      size: () => this.#call(() => handle.size()),
      truncate: (length) => this.#call(() => handle.truncate(length)),
      sync: () => this.#call(() => handle.sync()),
      close: () => this.#call(() => handle.close()),
    };
  }

  #store(store: KeyValueStore): KeyValueStore {
    return {
      getMany: (keys) => this.#call(() => store.getMany(keys)),
      batch: (changes) => this.#call(() => store.batch(changes)),
      iterate: (prefix) => store.iterate(prefix),
      close: () => this.#call(() => store.close()),
    };
  }

  async #call<Value>(act: () => Promise<Value>): Promise<Value> {
    const { life, clock, random, stopped } = this.#parts;
    return life.outside(async () => {
      if (random.nextInt(SLOW_SHARE) === 0) await new Promise<void>((resolve) => clock.after(random.nextInt(SLOW_MS_MAX), resolve));
      if (life.killed) return undefined as never;
      try {
        return await act();
      } catch (error) {
        if (error instanceof MachineStopped) stopped();
        throw error;
      }
    });
  }
}
