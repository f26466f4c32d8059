import type { Relation } from '../relation.ts';
import { numberedIndexOid } from './derived-oid.ts';
import { quoteWhereNeeded } from './quote-where-needed.ts';
import { keysOf } from './shown-constraint.ts';

/** Numbers of declared indexes are counted from here, those of constraints from 0: both make oids of one range. */
const FIRST_DECLARED = 512;

/** An index as the system catalogs show it: a key's, or a declared one. */
export interface ShownIndex {
  readonly name: string;
  readonly indexOid: number;
  readonly columns: readonly number[];
  /** Columns of INCLUDE. */
  readonly included: readonly number[];
  readonly isPrimary: boolean;
  readonly isUnique: boolean;
  readonly nullsDistinct: boolean;
}

/** Those of the keys first. */
export function indexesOf(relation: Relation): ShownIndex[] {
  const keys = keysOf(relation).map(
    ({ type, name, indexOid, columns, nullsDistinct }): ShownIndex => ({
      name,
      indexOid,
      columns,
      included: [],
      isPrimary: type === 'p',
      isUnique: true,
      nullsDistinct,
    }),
  );
  const declared = (relation.indexes ?? []).map(
    ({ name, number, columns, included }): ShownIndex => ({
      name,
      indexOid: numberedIndexOid(relation.oid, FIRST_DECLARED + number),
      columns,
      included,
      isPrimary: false,
      isUnique: false,
      nullsDistinct: true,
    }),
  );
  return [...keys, ...declared];
}

/** pg_get_indexdef: the whole CREATE INDEX, or one column's name (`column` counts from 1). */
export function indexDefinition(relation: Relation, index: ShownIndex, column: number | null): string {
  const names = namesOf(relation, index.columns);
  const included = namesOf(relation, index.included);
  if (column !== null && column > 0) return [...names, ...included][column - 1] ?? '';
  const target = `${quoteWhereNeeded(relation.schema)}.${quoteWhereNeeded(relation.name)}`;
  const include = included.length === 0 ? '' : ` INCLUDE (${included.join(', ')})`;
  const nulls = index.nullsDistinct ? '' : ' NULLS NOT DISTINCT';
  const unique = index.isUnique ? 'UNIQUE ' : '';
  return `CREATE ${unique}INDEX ${quoteWhereNeeded(index.name)} ON ${target} USING btree (${names.join(', ')})${include}${nulls}`;
}

function namesOf(relation: Relation, columns: readonly number[]): string[] {
  return columns.map((position) => quoteWhereNeeded(relation.columns[position]!.name));
}
