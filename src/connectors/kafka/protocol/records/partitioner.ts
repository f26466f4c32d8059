import { murmur2 } from './murmur2.ts';

/** The partition of a keyed record, the same as the Java client's default (BuiltInPartitioner.partitionForKey). */
export function partitionForKey(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount;
}

/**
 * Partitions for records without a key: `stickyRecords` in a row to one, then the next, round and round. Deterministic, where
 * the Java client draws a random partition, because a repeated run has to write the same bytes to the same place.
 */
export class KeylessPartitioner {
  readonly #stickyRecords: number;
  #sent = 0;

  constructor(stickyRecords: number) {
    this.#stickyRecords = stickyRecords;
  }

  next(partitionCount: number): number {
    const turn = Math.floor(this.#sent / this.#stickyRecords);
    this.#sent++;
    return turn % partitionCount;
  }
}
