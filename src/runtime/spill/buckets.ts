import { type Batch, hashRows, keyColumns, keyGroupOf } from '../../batch/index.ts';
import type { KeyGroupRange } from '../../spi/index.ts';

/** Buckets of a key group, at most. */
const PER_GROUP_MAX = 1024;
const BUCKET_BYTES = 5;
/** Of the limit: a bucket's rows should be worth a value in the scratch of their own, also when only a part of the state is in memory. */
const ROWS_BYTES_MIN = 2048;

/**
 * The keys of an operator, in buckets within their key group: what leaves memory and comes back together. Whether a bucket is in memory, and the round (an epoch,
 * by its own count) in which rows of it came last.
 */
export class Buckets {
  readonly count: number;
  readonly touchedIn: Int32Array;
  /** 1: its rows are in the scratch and nowhere else. */
  readonly cold: Uint8Array;
  readonly #first: number;
  readonly #perGroup: number;
  readonly #maxParallelism: number;
  #hashes = new Uint32Array(0);
  #buckets = new Int32Array(0);

  constructor(keyGroups: KeyGroupRange, options: { readonly maxParallelism: number; readonly bytesMax: number }) {
    const groups = keyGroups.last - keyGroups.first + 1;
    this.#first = keyGroups.first;
    this.#maxParallelism = options.maxParallelism;
    this.#perGroup = 1;
    while (this.#perGroup < PER_GROUP_MAX && groups * this.#perGroup * 2 * ROWS_BYTES_MIN <= options.bytesMax) this.#perGroup *= 2;
    this.count = groups * this.#perGroup;
    this.touchedIn = new Int32Array(this.count);
    this.cold = new Uint8Array(this.count);
  }

  get sizeBytes(): number {
    return this.count * BUCKET_BYTES;
  }

  /** The bucket of each row; valid until the next call. */
  of(batch: Batch, keys: readonly number[]): Int32Array {
    const { rowCount } = batch;
    if (this.#buckets.length < rowCount) {
      this.#hashes = new Uint32Array(rowCount);
      this.#buckets = new Int32Array(rowCount);
    }
    const hashes = this.#hashes;
    const buckets = this.#buckets;
    hashRows(keyColumns(batch, keys), rowCount, hashes);
    for (let row = 0; row < rowCount; row++) {
      const hash = hashes[row]!;
      // The key group is a remainder of the hash, so the place within it has to come from other bits.
      const place = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 22;
      buckets[row] = (keyGroupOf(hash, this.#maxParallelism) - this.#first) * this.#perGroup + (place & (this.#perGroup - 1));
    }
    return buckets;
  }
}
