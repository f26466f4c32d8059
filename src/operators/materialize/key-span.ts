import { type Batch, decodeBatch } from '../../batch/index.ts';
import type { KeyBound, KeyRange } from '../../spi/index.ts';
import type { KeyOrder } from './key-order.ts';

interface Bound {
  readonly values: Batch;
  readonly inclusive: boolean;
}

/** A key range ready to be compared with: before, in or behind it. */
export class KeySpan {
  readonly #order: KeyOrder;
  readonly #low: Bound | null;
  readonly #high: Bound | null;

  constructor(range: KeyRange, order: KeyOrder) {
    this.#order = order;
    this.#low = decoded(range.low);
    this.#high = decoded(range.high);
  }

  isBefore(rows: Batch, row: number): boolean {
    if (this.#low === null) return false;
    const order = this.#order.compareToValues(rows, row, this.#low.values);
    return this.#low.inclusive ? order < 0 : order <= 0;
  }

  isBehind(rows: Batch, row: number): boolean {
    if (this.#high === null) return false;
    const order = this.#order.compareToValues(rows, row, this.#high.values);
    return this.#high.inclusive ? order > 0 : order >= 0;
  }

  holds(rows: Batch, row: number): boolean {
    return !this.isBefore(rows, row) && !this.isBehind(rows, row);
  }
}

function decoded(bound: KeyBound | null): Bound | null {
  return bound === null ? null : { values: decodeBatch(bound.values), inclusive: bound.inclusive };
}
