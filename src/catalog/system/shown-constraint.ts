import type { Relation } from '../relation.ts';
import { primaryKeyName } from '../relation-constraint.ts';
import { constraintOid, indexOid, numberedConstraintOid, numberedIndexOid } from './derived-oid.ts';
import { quoteWhereNeeded } from './quote-where-needed.ts';

/** A constraint as the system catalogs show it. */
export interface ShownConstraint {
  /** pg_constraint.contype. */
  readonly type: 'p' | 'u' | 'c';
  readonly name: string;
  readonly oid: number;
  /** The index that stands for a key; null for a CHECK. */
  readonly indexOid: number | null;
  readonly columns: readonly number[];
  readonly nullsDistinct: boolean;
  /** pg_get_constraintdef. */
  readonly definition: string;
}

/** A key among the constraints, with the index PostgreSQL would have for it. */
export interface ShownKey extends ShownConstraint {
  readonly type: 'p' | 'u';
  readonly indexOid: number;
}

/** The primary key first. NOT NULL is a property of the column here. */
export function constraintsOf(relation: Relation): ShownConstraint[] {
  const { primaryKey, oid, constraints = [] } = relation;
  const names = (columns: readonly number[]): string => keyColumns(relation, columns).join(', ');
  const primary: ShownConstraint[] =
    primaryKey === null
      ? []
      : [
          {
            type: 'p',
            name: primaryKeyName(relation),
            oid: constraintOid(oid),
            indexOid: indexOid(oid),
            columns: primaryKey,
            nullsDistinct: true,
            definition: `PRIMARY KEY (${names(primaryKey)})`,
          },
        ];
  const others = constraints.map((rule): ShownConstraint => {
    const { name, columns, number } = rule;
    const shown = { name, columns, oid: numberedConstraintOid(oid, number) };
    if (rule.kind === 'check') return { ...shown, type: 'c', indexOid: null, nullsDistinct: true, definition: `CHECK (${rule.expression})` };
    const { nullsDistinct } = rule;
    const definition = `UNIQUE ${nullsDistinct ? '' : 'NULLS NOT DISTINCT '}(${names(columns)})`;
    return { ...shown, type: 'u', indexOid: numberedIndexOid(oid, number), nullsDistinct, definition };
  });
  return [...primary, ...others];
}

export function keysOf(relation: Relation): ShownKey[] {
  return constraintsOf(relation).filter((constraint): constraint is ShownKey => constraint.indexOid !== null);
}

function keyColumns(relation: Relation, columns: readonly number[]): string[] {
  return columns.map((position) => quoteWhereNeeded(relation.columns[position]!.name));
}
