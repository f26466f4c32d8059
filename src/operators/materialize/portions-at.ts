import { Batch, concatBatches, decodeBatch, gatherBatch, rowsByTarget, sliceBatch } from '../../batch/index.ts';
import type { KeyRange } from '../../spi/index.ts';
import { compareBytes } from '../../types/index.ts';
import { consolidate } from '../shared/index.ts';
import type { RowPortions } from './materialized-relation.ts';

/** The rows out of memory as they were at an epoch, whatever is applied while they are read. */
export class PortionsAt {
  readonly #portions: RowPortions;
  readonly #since: () => readonly Batch[];
  /** What `#undone` was made of. */
  #newer: readonly Batch[] = [];
  #undone: { readonly rows: Batch; readonly offsets: Int32Array } | null = null;

  /** `since` gives what has changed since the epoch, and throws when that is not known any more. */
  constructor(portions: RowPortions, since: () => readonly Batch[]) {
    this.#portions = portions;
    this.#since = since;
  }

  /** All rows of the range, and some others. */
  *read(range: KeyRange | undefined): Generator<Batch> {
    const only = range === undefined ? null : this.#onlyBucket(range);
    const end = only === null ? this.#portions.count : only + 1;
    for (let start = only ?? 0; start < end; ) {
      const next = Math.min(end, this.#portions.endOf(start));
      const parts = [...this.#portions.parts(start, next), ...this.#undoneIn(start, next)];
      start = next;
      if (parts.length > 0) yield consolidate(concatBatches(parts));
    }
  }

  #undoneIn(start: number, end: number): readonly Batch[] {
    const newer = this.#since();
    if (newer.length !== this.#newer.length || newer.some((batch, index) => batch !== this.#newer[index])) {
      this.#newer = newer;
      this.#undone = newer.length === 0 ? null : this.#ordered(undone(concatBatches(newer)));
    }
    if (this.#undone === null) return [];
    const { rows, offsets } = this.#undone;
    return offsets[start] === offsets[end] ? [] : [sliceBatch(rows, offsets[start]!, offsets[end]!)];
  }

  #ordered(rows: Batch): { readonly rows: Batch; readonly offsets: Int32Array } {
    const { keys, count } = this.#portions;
    const order = rowsByTarget(this.#portions.of(rows, keys), rows.rowCount, count);
    return { rows: gatherBatch(rows, order.rows, rows.rowCount), offsets: order.offsets };
  }

  /** The bucket that has all rows of a range; null where there are several. */
  #onlyBucket({ columns, low, high }: KeyRange): number | null {
    if (low === null || high === null || !low.inclusive || !high.inclusive || compareBytes(low.values, high.values) !== 0) return null;
    const values = decodeBatch(low.values);
    const places = this.#portions.keys.map((column) => columns.indexOf(column));
    if (places.some((place) => place === -1 || place >= values.columns.length)) return null;
    return this.#portions.of(values, places)[0]!;
  }
}

/** Changes, taken back. */
export function undone({ rowCount, columns, weights }: Batch): Batch {
  const opposite = new Int32Array(rowCount).fill(-1);
  if (weights !== null) for (let row = 0; row < rowCount; row++) opposite[row] = -weights[row]!;
  return new Batch(rowCount, columns, opposite);
}
