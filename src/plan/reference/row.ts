import { compareOrdered, type Datum, type DatumOrder, type SqlType } from '../../types/index.ts';

export { rowKey } from '../../types/index.ts';

/** A row of values, one a field. */
export type Row = readonly (Datum | null)[];

export interface RowOrder extends DatumOrder {
  readonly type: SqlType;
}

/** Order of two lists of sort values. */
export function compareRows(left: Row, right: Row, order: readonly RowOrder[]): number {
  for (let i = 0; i < order.length; i++) {
    const result = compareOrdered(order[i]!.type, left[i] ?? null, right[i] ?? null, order[i]!);
    if (result !== 0) return result;
  }
  return 0;
}
