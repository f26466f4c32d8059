import type { Datum, SqlType } from '../types/index.ts';
import { Batch } from './batch.ts';
import { ColumnBuilder } from './column-builder.ts';

/** Collects rows; `columns[i]` may also be appended to directly, followed by one `endRow`. */
export class BatchBuilder {
  readonly columns: readonly ColumnBuilder[];
  #rowCount = 0;
  #weights: number[] | null = null;

  constructor(types: readonly SqlType[], capacity = 64) {
    this.columns = types.map((type) => new ColumnBuilder(type, capacity));
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  appendRow(values: readonly (Datum | null)[], weight = 1): void {
    for (let index = 0; index < this.columns.length; index++) this.columns[index]!.append(values[index] ?? null);
    this.endRow(weight);
  }

  endRow(weight = 1): void {
    if (weight !== 1 && this.#weights === null) this.#weights = new Array<number>(this.#rowCount).fill(1);
    this.#weights?.push(weight);
    this.#rowCount++;
  }

  /** The batch; the builder is empty afterwards and may be used again. */
  finish(): Batch {
    const weights = this.#weights === null ? null : Int32Array.from(this.#weights);
    const batch = new Batch(
      this.#rowCount,
      this.columns.map((column) => column.finish()),
      weights,
    );
    this.#rowCount = 0;
    this.#weights = null;
    return batch;
  }
}

/** A batch of literal rows, mostly for VALUES and tests. */
export function batchFromRows(types: readonly SqlType[], rows: readonly (readonly (Datum | null)[])[], weights?: readonly number[]): Batch {
  // Column by column: a loop over values of one type is several times faster than one that changes the type with every step.
  const columns = types.map((type, index) => {
    const column = new ColumnBuilder(type, rows.length);
    for (const row of rows) column.append(row[index] ?? null);
    return column.finish();
  });
  return new Batch(rows.length, columns, weights?.some((weight) => weight !== 1) ? Int32Array.from(weights) : null);
}
