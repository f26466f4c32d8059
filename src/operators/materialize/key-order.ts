import { type Batch, type Column, compareStored, isNull, readDatum } from '../../batch/index.ts';
import { compareDatums, type SqlType } from '../../types/index.ts';

/** The order of SQL values in two columns of one type, NULL last. */
type ColumnOrder = (leftColumn: Column, left: number, rightColumn: Column, right: number) => number;

/** Bytes of these are in the order of their values. */
const ORDERED_BYTES: ReadonlySet<SqlType['kind']> = new Set(['text', 'varchar', 'bytea', 'uuid']);

/** How rows compare by some of their columns. */
export class KeyOrder {
  readonly #columns: readonly number[];
  readonly #orders: readonly ColumnOrder[];

  /** `types`: of all columns of the rows. */
  constructor(types: readonly SqlType[], columns: readonly number[]) {
    this.#columns = columns;
    this.#orders = columns.map((column) => columnOrder(types[column]!));
  }

  compareRows(left: Batch, leftRow: number, right: Batch, rightRow: number): number {
    for (let at = 0; at < this.#columns.length; at++) {
      const column = this.#columns[at]!;
      const order = this.#orders[at]!(left.columns[column]!, leftRow, right.columns[column]!, rightRow);
      if (order !== 0) return order;
    }
    return 0;
  }

  /** Compares a row with the one row of `values`, which has the first columns of the key alone: rows that begin alike are equal. */
  compareToValues(rows: Batch, row: number, values: Batch): number {
    for (let at = 0; at < values.columns.length; at++) {
      const order = this.#orders[at]!(rows.columns[this.#columns[at]!]!, row, values.columns[at]!, 0);
      if (order !== 0) return order;
    }
    return 0;
  }
}

function columnOrder(type: SqlType): ColumnOrder {
  return (leftColumn, left, rightColumn, right) => {
    const leftNull = isNull(leftColumn, left);
    const rightNull = isNull(rightColumn, right);
    if (leftNull || rightNull) return leftNull === rightNull ? 0 : leftNull ? 1 : -1;
    if (leftColumn.storage === 'int' || ORDERED_BYTES.has(type.kind)) return compareStored(leftColumn, left, rightColumn, right);
    return compareDatums(type, readDatum(leftColumn, left)!, readDatum(rightColumn, right)!);
  };
}
