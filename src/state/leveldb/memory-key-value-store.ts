import type { KeyValueChange, KeyValueStore, KeyValueStoreFactory } from './key-value-store.ts';

/** A place for a KeyValueStore in memory; it outlives the stores opened on it, as a disk does. */
export class MemoryKeyValuePlace implements KeyValueStoreFactory {
  /** By the key, each byte as the character of its code: such texts are ordered as the bytes are. */
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
    return keys.map((key) => this.#place.values.get(textOf(key))?.slice());
  }

  async batch(changes: readonly KeyValueChange[]): Promise<void> {
    for (const { key, value } of changes) {
      if (value === null) this.#place.values.delete(textOf(key));
      else this.#place.values.set(textOf(key), value.slice());
    }
  }

  async *iterate(prefix: Uint8Array): AsyncIterable<readonly [key: Uint8Array, value: Uint8Array]> {
    const start = textOf(prefix);
    const keys = [...this.#place.values.keys()].filter((key) => key.startsWith(start)).sort();
    for (const key of keys) {
      const value = this.#place.values.get(key);
      if (value !== undefined) yield [Uint8Array.from(Buffer.from(key, 'latin1')), value.slice()];
    }
  }

  async close(): Promise<void> {
    return undefined;
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
