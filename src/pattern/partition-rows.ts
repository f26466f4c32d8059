import type { Datum } from '../types/index.ts';

/** A row of values, one a column. */
export type Row = readonly (Datum | null)[];

/** Rows of one partition in their order, by position from 0; the first ones may have been forgotten, more may come at the end. */
export class PartitionRows {
  #rows: Row[] = [];
  #first: number;
  /** No more rows will come. */
  complete = false;

  constructor(first = 0) {
    this.#first = first;
  }

  /** Position of the first row that is still there. */
  get first(): number {
    return this.#first;
  }

  get end(): number {
    return this.#first + this.#rows.length;
  }

  /** Null before the first row and behind the last. */
  at(position: number): Row | null {
    return this.#rows[position - this.#first] ?? null;
  }

  append(row: Row): void {
    this.#rows.push(row);
  }

  /** Forgets the rows before a position. */
  forgetBefore(position: number): void {
    if (position <= this.#first) return;
    this.#rows = this.#rows.slice(position - this.#first);
    this.#first = position;
  }
}
