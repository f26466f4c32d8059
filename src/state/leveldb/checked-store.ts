import { crc32c } from '../checksum.ts';
import { damagedFile } from '../damage.ts';
import type { KeyValueChange, KeyValueStore } from './key-value-store.ts';

const CHECKSUM_BYTES = 4;

/**
 * Keeps a CRC-32C over key and value behind every value. The Node binding of LevelDB verifies none itself, so that a flipped bit in a
 * table file would come back as a value. A mismatch is XX001 and names the store.
 */
export class CheckedStore implements KeyValueStore {
  readonly #store: KeyValueStore;
  readonly #name: string;

  constructor(store: KeyValueStore, name: string) {
    this.#store = store;
    this.#name = name;
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    const stored = await this.#store.getMany(keys);
    return stored.map((value, index) => (value === undefined ? undefined : this.#verified(keys[index]!, value)));
  }

  async batch(changes: readonly KeyValueChange[]): Promise<void> {
    await this.#store.batch(changes.map(({ key, value }) => ({ key, value: value === null ? null : sealed(key, value) })));
  }

  async *iterate(prefix: Uint8Array): AsyncIterable<readonly [key: Uint8Array, value: Uint8Array]> {
    for await (const [key, value] of this.#store.iterate(prefix)) yield [key, this.#verified(key, value)];
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #verified(key: Uint8Array, stored: Uint8Array): Uint8Array {
    const length = stored.length - CHECKSUM_BYTES;
    if (length < 0) throw this.#damage(key);
    const value = stored.subarray(0, length);
    const expected = new DataView(stored.buffer, stored.byteOffset + length, CHECKSUM_BYTES).getUint32(0, true);
    if (expected !== valueChecksum(key, value)) throw this.#damage(key);
    return value;
  }

  #damage(key: Uint8Array): Error {
    return damagedFile(this.#name, null, `the checksum of key ${Buffer.from(key).toString('hex')} does not fit its value`);
  }
}

export function valueChecksum(key: Uint8Array, value: Uint8Array): number {
  return crc32c(value, crc32c(key));
}

function sealed(key: Uint8Array, value: Uint8Array): Uint8Array {
  const stored = new Uint8Array(value.length + CHECKSUM_BYTES);
  stored.set(value);
  new DataView(stored.buffer).setUint32(value.length, valueChecksum(key, value), true);
  return stored;
}
