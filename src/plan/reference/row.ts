import { compareDatums, type Datum, type SqlType } from '../../types/index.ts';

export { rowKey } from '../../types/index.ts';

/** A row of values, one a field. */
export type Row = readonly (Datum | null)[];

export interface RowOrder {
  readonly type: SqlType;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** Order of two lists of sort values. */
export function compareRows(left: Row, right: Row, order: readonly RowOrder[]): number {
  for (let i = 0; i < order.length; i++) {
    const result = compareValues(left[i] ?? null, right[i] ?? null, order[i]!);
    if (result !== 0) return result;
  }
  return 0;
}

function compareValues(left: Datum | null, right: Datum | null, order: RowOrder): number {
  if (left === null || right === null) {
    if (left === right) return 0;
    return (left === null) === order.nullsFirst ? -1 : 1;
  }
  const result = compareDatums(order.type, left, right);
  return order.descending ? -result : result;
}
