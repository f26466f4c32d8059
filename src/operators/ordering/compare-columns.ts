import { type Column, compareStored, type FixedColumn, isNull, readDatum } from '../../batch/index.ts';
import { compareDatums, compareFloats, type SqlType, storageKind } from '../../types/index.ts';
import type { SortKeySpec } from '../spec/index.ts';

/** Compares a row of some columns with a row of columns of the same types. */
export type RowComparison = (leftColumns: readonly Column[], left: number, rightColumns: readonly Column[], right: number) => number;

type Comparison = (leftColumn: Column, left: number, rightColumn: Column, right: number) => number;

/** Texts whose stored bytes have the order of the values. */
const BYTE_ORDERED: ReadonlySet<SqlType['kind']> = new Set(['text', 'varchar', 'name', 'bytea']);

/** The order of OrderedPartitions on columns, without making values of them where the stored form has the order: 0 for rows equal in keys and `tieBy`. */
export function rowComparison(types: readonly SqlType[], orderBy: readonly SortKeySpec[], tieBy: readonly number[]): RowComparison {
  const keys = orderBy.map((key) => ({ ...key, compare: comparisonOf(types[key.column]!), sign: key.descending ? -1 : 1 }));
  return (leftColumns, left, rightColumns, right) => {
    for (let index = 0; index < keys.length; index++) {
      const { column, compare, sign, nullsFirst } = keys[index]!;
      const leftColumn = leftColumns[column]!;
      const rightColumn = rightColumns[column]!;
      const leftNull = isNull(leftColumn, left);
      const rightNull = isNull(rightColumn, right);
      if (leftNull && rightNull) continue;
      if (leftNull || rightNull) return leftNull === nullsFirst ? -1 : 1;
      const order = compare(leftColumn, left, rightColumn, right);
      if (order !== 0) return sign * order;
    }
    for (let index = 0; index < tieBy.length; index++) {
      const column = tieBy[index]!;
      const order = compareStored(leftColumns[column]!, left, rightColumns[column]!, right);
      if (order !== 0) return order;
    }
    return 0;
  };
}

function comparisonOf(type: SqlType): Comparison {
  const kind = storageKind(type);
  if (kind === 'int' || BYTE_ORDERED.has(type.kind)) return compareStored;
  if (kind === 'float') return (left, row, right, other) => compareFloats((left as FixedColumn).f64[row]!, (right as FixedColumn).f64[other]!);
  return (left, row, right, other) => compareDatums(type, readDatum(left, row)!, readDatum(right, other)!);
}
