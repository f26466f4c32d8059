import { Batch, BatchBuilder, type Column, concatBatches, FixedColumn } from '../../batch/index.ts';
import type { SqlType } from '../../types/index.ts';

/** Rows a subtask can number before its numbers meet the next one's. */
const ROWS_PER_SUBTASK = 2 ** 40;

/**
 * Rows that are only ever added, on their way into state: each has a number of its own there, behind its columns, so that equal rows stay apart. A
 * subtask goes on after the highest of its own numbers.
 */
export class AppendedRows {
  readonly #firstNumber: number;
  #nextNumber: number;
  #dirty: Batch[] = [];

  constructor(subtaskIndex: number) {
    this.#firstNumber = subtaskIndex * ROWS_PER_SUBTASK;
    this.#nextNumber = this.#firstNumber;
  }

  /** Part of the next checkpoint. */
  add(rows: Batch): void {
    this.#dirty.push(rows);
  }

  /** What has been added since the last call; `types` are those of the state table, `columnsOf` gives all of its columns but the number. */
  collectDirty(types: readonly SqlType[], columnsOf: (rows: Batch) => readonly Column[]): { upserts: Batch; deletes: Batch } {
    const deletes = new BatchBuilder(types, 1).finish();
    if (this.#dirty.length === 0) return { upserts: deletes, deletes };
    const rows = concatBatches(this.#dirty);
    this.#dirty = [];
    return { upserts: this.numbered(new Batch(rows.rowCount, columnsOf(rows))), deletes };
  }

  /** The rows with their numbers as a last column, for those who keep them to delete rows by. */
  numbered(rows: Batch): Batch {
    const numbers = new Float64Array(rows.rowCount);
    for (let row = 0; row < rows.rowCount; row++) numbers[row] = this.#nextNumber++;
    return new Batch(rows.rowCount, [...rows.columns, new FixedColumn({ kind: 'float8' }, numbers, null)]);
  }

  /** The rows with the newest number handed out, each. */
  withNewestNumber(rows: Batch): Batch {
    const numbers = new Float64Array(rows.rowCount).fill(this.#nextNumber - 1);
    return new Batch(rows.rowCount, [...rows.columns, new FixedColumn({ kind: 'float8' }, numbers, null)]);
  }

  /** Rows of the state table that are back. */
  loaded(rows: Batch): void {
    const numbers = (rows.columns.at(-1) as FixedColumn).f64;
    for (let row = 0; row < rows.rowCount; row++) {
      const own = numbers[row]! >= this.#firstNumber && numbers[row]! < this.#firstNumber + ROWS_PER_SUBTASK;
      if (own) this.#nextNumber = Math.max(this.#nextNumber, numbers[row]! + 1);
    }
  }
}

/** Memory that compact rows take. */
export function compactBytes(rows: Batch): number {
  let bytes = 0;
  for (const column of rows.columns) bytes += rows.rowCount * 8 + (column.storage === 'bytes' ? column.data.length : 0);
  return bytes;
}
