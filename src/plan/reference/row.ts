import { canonicalKeyText, compareDatums, type Datum, type SqlType } from '../../types/index.ts';

/** A row of values, one a field. */
export type Row = readonly (Datum | null)[];

export interface RowOrder {
  readonly type: SqlType;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** Identity of values under GROUP BY, DISTINCT and set operations, where NULLs are alike. */
export function rowKey(types: readonly SqlType[], values: Row): string {
  if (values.length === 1) return valueKey(types[0]!, values[0] ?? null);
  let key = '';
  for (let i = 0; i < values.length; i++) {
    const part = valueKey(types[i]!, values[i] ?? null);
    key += `${part.length}:${part}`;
  }
  return key;
}

/** Short for the kinds whose text tells values apart; the canonical form for all others. */
function valueKey(type: SqlType, value: Datum | null): string {
  if (value === null) return 'N';
  switch (type.kind) {
    case 'int2':
    case 'int4':
    case 'int8':
    case 'oid':
    case 'date':
    case 'timestamp':
    case 'timestamptz':
    case 'bool':
      return String(value);
    case 'text':
    case 'varchar':
    case 'name':
      return `'${value as string}`;
    default:
      return canonicalKeyText([type], [value]);
  }
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
