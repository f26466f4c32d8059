import type { KeyValueChange, KeyValueStore, KeyValueStoreFactory } from './key-value-store.ts';

/** A place for a KeyValueStore in memory; it outlives the stores opened on it, as a disk does. */
export class MemoryKeyValuePlace implements KeyValueStoreFactory {
  /** By hex text of the key. */
  readonly values = new Map<string, Uint8Array>();

  async open(): Promise<KeyValueStore> {
    return new MemoryKeyValueStore(this);
  }

  async destroy(): Promise<void> {
    this.values.clear();
  }
}

class MemoryKeyValueStore implements KeyValueStore {
  readonly #place: MemoryKeyValuePlace;

  constructor(place: MemoryKeyValuePlace) {
    this.#place = place;
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return keys.map((key) => this.#place.values.get(hexOf(key))?.slice());
  }

  async batch(changes: readonly KeyValueChange[]): Promise<void> {
    for (const { key, value } of changes) {
      if (value === null) this.#place.values.delete(hexOf(key));
      else this.#place.values.set(hexOf(key), value.slice());
    }
  }

  async *iterate(prefix: Uint8Array): AsyncIterable<readonly [key: Uint8Array, value: Uint8Array]> {
    const start = hexOf(prefix);
    const keys = [...this.#place.values.keys()].filter((key) => key.startsWith(start)).sort();
    for (const key of keys) {
      const value = this.#place.values.get(key);
      if (value !== undefined) yield [new Uint8Array(Buffer.from(key, 'hex')), value.slice()];
    }
  }

  async close(): Promise<void> {
    return undefined;
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
