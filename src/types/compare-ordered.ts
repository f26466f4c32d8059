import { compareDatums } from './compare-datums.ts';
import type { Datum } from './datum.ts';
import type { SqlType } from './sql-type.ts';

/** ASC or DESC, NULLS FIRST or LAST: the direction does not move the NULLs. */
export interface DatumOrder {
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** The order ORDER BY gives two values of a type, NULLs included: negative, zero or positive; two NULLs are peers. */
export function compareOrdered(type: SqlType, left: Datum | null, right: Datum | null, order: DatumOrder): number {
  if (left === null || right === null) {
    if (left === right) return 0;
    return (left === null) === order.nullsFirst ? -1 : 1;
  }
  const result = compareDatums(type, left, right);
  return order.descending ? -result : result;
}
