import type { FileHandle, Storage } from '../../base/index.ts';

/** A process that is stopped at one call to its disk, before or behind what that does, until it is woken. */
export class Sleep {
  readonly #at: number;
  readonly #behind: boolean;
  #calls = 0;
  #fallAsleep = (): void => undefined;
  #wake = (): void => undefined;
  readonly asleep = new Promise<void>((resolve) => {
    this.#fallAsleep = resolve;
  });
  readonly #woken = new Promise<void>((resolve) => {
    this.#wake = resolve;
  });

  /** Falls asleep at call number `at`, counting from 1. */
  constructor(at: number, behind: boolean) {
    this.#at = at;
    this.#behind = behind;
  }

  get calls(): number {
    return this.#calls;
  }

  wake(): void {
    this.#wake();
  }

  async call<T>(work: () => Promise<T>): Promise<T> {
    const here = ++this.#calls === this.#at;
    if (here && !this.#behind) await this.#pause();
    const result = await work();
    if (here && this.#behind) await this.#pause();
    // Other calls that are under way stop with the process.
    else if (this.#calls >= this.#at) await this.#woken;
    return result;
  }

  #pause(): Promise<void> {
    this.#fallAsleep();
    return this.#woken;
  }
}

/** The disk as a process sees it that may be stopped. */
export function sleepingStorage(storage: Storage, sleep: Sleep): Storage {
  return {
    open: async (name, mode) => sleepingHandle(await sleep.call(() => storage.open(name, mode)), sleep),
    readAll: (name) => sleep.call(() => storage.readAll(name)),
    exists: (name) => sleep.call(() => storage.exists(name)),
    list: (folder) => sleep.call(() => storage.list(folder)),
    makeDirectory: (folder) => sleep.call(() => storage.makeDirectory(folder)),
    link: (from, to) => sleep.call(() => storage.link(from, to)),
    rename: (from, to) => sleep.call(() => storage.rename(from, to)),
    remove: (name) => sleep.call(() => storage.remove(name)),
    removeDirectory: (folder) => sleep.call(() => storage.removeDirectory(folder)),
    syncDirectory: (folder) => sleep.call(() => storage.syncDirectory(folder)),
  };
}

function sleepingHandle(handle: FileHandle, sleep: Sleep): FileHandle {
  return {
    append: (bytes) => sleep.call(() => handle.append(bytes)),
    read: (position, length) => sleep.call(() => handle.read(position, length)),
    size: () => sleep.call(() => handle.size()),
    truncate: (length) => sleep.call(() => handle.truncate(length)),
    sync: () => sleep.call(() => handle.sync()),
    close: () => handle.close(),
  };
}
