import type { Scratch } from '../../spi/index.ts';
import type { ScratchPlace } from './scratch.ts';

/** For tests and simulations: the same behaviour, and nothing touches a disk. */
export function memoryScratchPlace(): ScratchPlace {
  return { open: () => new MemoryScratch(), close: async () => undefined };
}

class MemoryScratch implements Scratch {
  readonly #values = new Map<number, Uint8Array>();

  get(key: number): Uint8Array | undefined {
    return this.#values.get(key);
  }

  put(key: number, value: Uint8Array): void {
    this.#values.set(key, value);
  }

  remove(key: number): void {
    this.#values.delete(key);
  }

  ready(): boolean {
    return true;
  }

  async close(): Promise<void> {
    this.#values.clear();
  }
}
