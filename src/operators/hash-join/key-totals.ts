import type { Column, GroupIndex } from '../../batch/index.ts';
import { EpochCounts } from './epoch-counts.ts';

/** How many rows of an input there are of each key. Whether there are any is all an outer or semi join without residual asks. */
export class KeyTotals {
  readonly #index: GroupIndex;
  readonly #totals = new EpochCounts();

  constructor(index: GroupIndex) {
    this.#index = index;
  }

  /** Call after the index has got new keys. */
  ensureCapacity(): void {
    this.#totals.ensureCapacity(this.#index.groupEnd);
  }

  add(key: number, rows: number): void {
    this.#totals.add(key, rows);
  }

  /** They have been there when the epoch began, too. */
  restore(key: number, rows: number): void {
    this.#totals.restore(key, this.#totals.now(key) + rows);
  }

  /** For each of some keys (canonical columns) the bits of its presence. */
  presenceOf(keys: readonly Column[], count: number): Uint8Array {
    const found = new Int32Array(count);
    this.#index.lookup(keys, count, found);
    return Uint8Array.from(found, (key) => (key < 0 ? 0 : this.#totals.presence(key)));
  }

  /** Keys that have got their first row in this epoch, or lost their last. */
  flippedKeys(): { readonly keys: readonly Column[]; readonly count: number } {
    const flipped = this.#totals.flipped();
    return { keys: this.#index.keyColumnsOf(flipped, flipped.length), count: flipped.length };
  }

  endEpoch(): void {
    this.#totals.endEpoch();
  }
}
