import { type Batch, compactBatch, GroupIndex, keyColumns } from '../../batch/index.ts';
import type { LookupCache } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import type { FoundRows } from './found-rows.ts';

interface Entry {
  readonly found: FoundRows;
  readonly writtenMicros: bigint;
  readMicros: bigint;
}

/**
 * Keys looked up lately and what they had then. No part of the state: behind a restart everything is looked up anew. The key that was not used for the
 * longest time goes first; times are those of epochs, so that what is still known does not depend on the machine's clock.
 */
export class CachedKeys {
  readonly #limits: LookupCache;
  readonly #index: GroupIndex;
  readonly #positions: readonly number[];
  /** By number of the key, the one used last at the end. */
  readonly #entries = new Map<number, Entry>();
  #rows = 0;

  constructor(types: readonly SqlType[], limits: LookupCache) {
    this.#limits = limits;
    this.#index = new GroupIndex(types);
    this.#positions = types.map((_, index) => index);
  }

  /** What each key has, null where it has to be looked up. */
  find(keys: Batch, nowMicros: bigint): (FoundRows | null)[] {
    const numbers = new Int32Array(keys.rowCount);
    this.#index.lookup(keyColumns(keys, this.#positions), keys.rowCount, numbers);
    return Array.from(numbers, (number) => {
      const entry = this.#entries.get(number);
      if (entry === undefined) return null;
      this.#entries.delete(number);
      if (this.#isOld(entry, nowMicros)) {
        this.#forget(number, entry);
        return null;
      }
      entry.readMicros = nowMicros;
      this.#entries.set(number, entry);
      return entry.found;
    });
  }

  /** Keys that are not there. What cannot be read is not kept. */
  add(keys: Batch, found: readonly FoundRows[], nowMicros: bigint): void {
    const numbers = new Int32Array(found.length);
    this.#index.assign(keyColumns(keys, this.#positions), found.length, numbers);
    for (const [at, one] of found.entries()) {
      const number = numbers[at]!;
      if (one.failure !== null || (one.rows.rowCount === 0 && !this.#limits.missing)) {
        this.#index.remove(number);
        continue;
      }
      this.#entries.set(number, { found: { ...one, rows: compactBatch(one.rows) }, writtenMicros: nowMicros, readMicros: nowMicros });
      this.#rows += sizeOf(one);
    }
    for (const [number, entry] of this.#entries) {
      if (this.#rows <= this.#limits.rowsMax) break;
      this.#entries.delete(number);
      this.#forget(number, entry);
    }
  }

  #isOld({ writtenMicros, readMicros }: Entry, nowMicros: bigint): boolean {
    const { expireAfterWriteMs, expireAfterAccessMs } = this.#limits;
    const passed = (since: bigint, limitMs: number | null): boolean => limitMs !== null && nowMicros - since >= BigInt(limitMs) * 1000n;
    return passed(writtenMicros, expireAfterWriteMs) || passed(readMicros, expireAfterAccessMs);
  }

  #forget(number: number, entry: Entry): void {
    this.#rows -= sizeOf(entry.found);
    this.#index.remove(number);
  }
}

function sizeOf({ rows }: FoundRows): number {
  return Math.max(rows.rowCount, 1);
}
