import { Batch, type Column, type FixedColumn } from '../../batch/index.ts';
import { windowColumns } from '../window-assign/time-columns.ts';

/** Rows that enter and leave sessions: slot, weight and the session's bounds in microseconds; `columns` are the rows themselves. */
export class SessionChange {
  readonly slots: number[] = [];
  columns: readonly Column[] = [];
  readonly #weights: number[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  add(slot: number, weight: number, start: number, end: number): void {
    this.slots.push(slot);
    this.#weights.push(weight);
    this.#starts.push(start);
    this.#ends.push(end);
  }

  /** The rows with their windows; null when there are none. */
  batch(timeColumn: number): Batch | null {
    const count = this.slots.length;
    if (count === 0) return null;
    const { type } = this.columns[timeColumn] as FixedColumn;
    const windows = windowColumns(type, Float64Array.from(this.#starts), Float64Array.from(this.#ends), count);
    const weights = this.#weights.every((weight) => weight === 1) ? null : Int32Array.from(this.#weights);
    return new Batch(count, [...this.columns, ...windows], weights);
  }
}
