import type { Relation } from '../../catalog/index.ts';
import { canonicalKeyText, type Datum } from '../../types/index.ts';

/** Text of a row's values at some positions: equal for equal values, a NULL like any other. */
export function valuesText({ columns }: Pick<Relation, 'columns'>, positions: readonly number[], row: readonly (Datum | null)[]): string {
  return canonicalKeyText(
    positions.map((position) => columns[position]!.type),
    positions.map((position) => row[position] ?? null),
  );
}

/** Of the whole row. */
export function rowText(relation: Pick<Relation, 'columns'>, row: readonly (Datum | null)[]): string {
  return valuesText(
    relation,
    relation.columns.map((_, index) => index),
    row,
  );
}
