import { Batch, BatchBuilder, type Column, concatBatches, FixedColumn } from '../../batch/index.ts';
import type { SqlType } from '../../types/index.ts';

/** Rows a subtask can number before its numbers meet the next one's. */
const ROWS_PER_SUBTASK = 2 ** 40;

/**
 * Rows that are only ever added, on their way into state: each has a number of its own there, behind its columns, so that equal rows stay apart. A
 * subtask goes on after the highest of its own numbers; where rows are restored elsewhere than they come to, it may never see these again, and each attempt has
 * numbers of its own.
 */
export class AppendedRows {
  readonly #firstNumber: number;
  readonly #attempt: number | null;
  #nextNumber: number;
  #dirty: Batch[] = [];

  /** `attempt`: a number that no earlier one has had, kept in a column in front of the numbers; null: rows are restored where they come to. */
  constructor(subtaskIndex: number, attempt: number | null = null) {
    this.#firstNumber = subtaskIndex * ROWS_PER_SUBTASK;
    this.#nextNumber = this.#firstNumber;
    this.#attempt = attempt;
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

  /** Columns behind those of the rows. */
  get numberColumns(): number {
    return this.#attempt === null ? 1 : 2;
  }

  /** The rows with their numbers as last columns, for those who keep them to delete rows by. */
  numbered(rows: Batch): Batch {
    const numbers = new Float64Array(rows.rowCount);
    for (let row = 0; row < rows.rowCount; row++) numbers[row] = this.#nextNumber++;
    return this.#with(rows, numbers);
  }

  /** The rows with the newest number handed out, each. */
  withNewestNumber(rows: Batch): Batch {
    return this.#with(rows, new Float64Array(rows.rowCount).fill(this.#nextNumber - 1));
  }

  #with({ rowCount, columns }: Batch, numbers: Float64Array<ArrayBuffer>): Batch {
    const added = this.#attempt === null ? [numbers] : [new Float64Array(rowCount).fill(this.#attempt), numbers];
    return new Batch(rowCount, [...columns, ...added.map((values) => new FixedColumn({ kind: 'float8' }, values, null))]);
  }

  /** Rows of the state table that are back. */
  loaded(rows: Batch): void {
    const numbers = (rows.columns.at(-1) as FixedColumn).f64;
    const attempts = this.#attempt === null ? null : (rows.columns.at(-2) as FixedColumn).f64;
    for (let row = 0; row < rows.rowCount; row++) {
      if (attempts !== null && attempts[row] !== this.#attempt) continue;
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
