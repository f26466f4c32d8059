import { compareDatums, type Datum, type SqlType } from '../../types/index.ts';
import type { OrderedRow } from '../ordering/index.ts';
import type { SortKeySpec } from '../spec/index.ts';

/** Places of half-open intervals in an order. */
export interface Reach {
  readonly start: number;
  readonly end: number;
}

/**
 * The rows of a key by their time, which is their first value, NULL last: ascending when a left row looks back, descending when it looks ahead, so that
 * what it looks for is always in front of it.
 */
export class TimeLine {
  readonly #type: SqlType;
  readonly #ahead: boolean;
  readonly #strict: boolean;

  constructor(type: SqlType, { direction, strict }: { readonly direction: 'before' | 'after'; readonly strict: boolean }) {
    this.#type = type;
    this.#ahead = direction === 'after';
    this.#strict = strict;
  }

  orderBy(column: number): SortKeySpec {
    return { column, descending: this.#ahead, nullsFirst: false };
  }

  /** The right row a left row of that time is joined with. */
  nearest(right: readonly OrderedRow[], time: Datum | null): OrderedRow | null {
    if (time === null) return null;
    const end = this.#strict ? this.#firstNotBefore(right, time) : this.#firstBehind(right, time);
    if (end === 0) return null;
    return right[this.#firstNotBefore(right, right[end - 1]!.values[0]!)]!;
  }

  /** Left rows a right row of that time may be joined with, given the right rows besides it. */
  reach(left: readonly OrderedRow[], right: readonly OrderedRow[], time: Datum): Reach {
    const next = right[this.#firstBehind(right, time)];
    return { start: this.#begin(left, time), end: next === undefined ? left.length : this.#begin(left, next.values[0]!) };
  }

  /** The first left row that sees a right row of that time. */
  #begin(left: readonly OrderedRow[], time: Datum): number {
    return this.#strict ? this.#firstBehind(left, time) : this.#firstNotBefore(left, time);
  }

  #firstNotBefore(order: readonly OrderedRow[], time: Datum): number {
    return firstPlace(order.length, (at) => this.#compare(order[at]!, time) >= 0);
  }

  #firstBehind(order: readonly OrderedRow[], time: Datum): number {
    return firstPlace(order.length, (at) => this.#compare(order[at]!, time) > 0);
  }

  #compare(row: OrderedRow, time: Datum): number {
    const own = row.values[0] ?? null;
    if (own === null) return 1;
    const compared = compareDatums(this.#type, own, time);
    return this.#ahead ? -compared : compared;
  }
}

/** The first place of [0, length) from which on `holds` is true; `length` for none. */
export function firstPlace(length: number, holds: (at: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
