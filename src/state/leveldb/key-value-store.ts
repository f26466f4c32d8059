/** One change of a batch; a null value deletes the key. */
export interface KeyValueChange {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

/**
 * Ordered bytes to bytes. Crash model: a batch is applied whole or not at all; a batch that has resolved survives the end of the process
 * and, as far as the medium is honest, of the machine. Nothing is promised about the medium: who needs to notice damage keeps checksums
 * (CheckedStore) and knows which keys must be there.
 */
export interface KeyValueStore {
  /** Values in the order of the keys; undefined for a key that is not there. */
  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]>;
  batch(changes: readonly KeyValueChange[]): Promise<void>;
  /** Keys that start with `prefix`, in the order of their bytes. */
  iterate(prefix: Uint8Array): AsyncIterable<readonly [key: Uint8Array, value: Uint8Array]>;
  close(): Promise<void>;
}

/** Opens a store of one place, over and over; only one is open at a time. */
export interface KeyValueStoreFactory {
  open(): Promise<KeyValueStore>;
  /** Removes all there is; the store must be closed. */
  destroy(): Promise<void>;
}
