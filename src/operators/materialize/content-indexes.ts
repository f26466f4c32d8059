import type { KeyRange } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { KeyOrder } from './key-order.ts';
import { KeySpan } from './key-span.ts';
import { type NumberedRows, OrderedIndex } from './ordered-index.ts';

/** The indexes over the rows of one content, by their columns: each is built by the first read that wants it, and follows every change from then on. */
export class ContentIndexes {
  readonly #rows: NumberedRows;
  readonly #types: readonly SqlType[];
  readonly #indexes = new Map<string, OrderedIndex>();

  constructor(rows: NumberedRows, types: readonly SqlType[]) {
    this.#rows = rows;
    this.#types = types;
  }

  /** Numbers of the rows in the range. */
  lookUp(range: KeyRange): Int32Array {
    const order = new KeyOrder(this.#types, range.columns);
    const name = nameOf(range.columns);
    let index = this.#indexes.get(name);
    if (index === undefined) {
      index = new OrderedIndex(this.#rows, order);
      this.#indexes.set(name, index);
    }
    return index.lookUp(new KeySpan(range, order));
  }

  /** Nobody reads by these columns any more. */
  drop(columns: readonly number[]): void {
    this.#indexes.delete(nameOf(columns));
  }

  /** Rows that have just come. */
  add(numbers: Int32Array): void {
    for (const index of this.#indexes.values()) for (const number of numbers) index.add(number);
  }

  /** A row that is about to go. */
  remove(number: number): void {
    for (const index of this.#indexes.values()) index.remove(number);
  }
}

function nameOf(columns: readonly number[]): string {
  return columns.join();
}
