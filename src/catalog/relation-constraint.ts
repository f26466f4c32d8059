import type { Relation } from './relation.ts';

/** What a stored table holds its rows to, beside NOT NULL and the primary key. */
export type RelationConstraint = UniqueRule | CheckRule;

interface NamedRule {
  readonly name: string;
  /** Never used again within its relation: system catalogs make the constraint's oids of it. */
  readonly number: number;
  /** Positions: of the key in its order, or of what the condition names. */
  readonly columns: readonly number[];
}

export interface UniqueRule extends NamedRule {
  readonly kind: 'unique';
  /** False: NULLS NOT DISTINCT, NULL equals NULL. */
  readonly nullsDistinct: boolean;
}

export interface CheckRule extends NamedRule {
  readonly kind: 'check';
  /** SQL text over the relation's columns; a row breaks it where it is false, not where it is NULL. */
  readonly expression: string;
}

/** Columns no two rows of a relation may share values of. */
export interface RelationKey {
  readonly name: string;
  readonly columns: readonly number[];
  readonly nullsDistinct: boolean;
}

/** The primary key, when there is one, and behind it what is declared UNIQUE. */
export function relationKeys(relation: Relation): RelationKey[] {
  const primary = relation.primaryKey === null ? [] : [{ name: primaryKeyName(relation), columns: relation.primaryKey, nullsDistinct: true }];
  return [...primary, ...(relation.constraints ?? []).filter((rule) => rule.kind === 'unique')];
}

/** Name of the primary key's index and constraint: as declared, or as PostgreSQL makes it. */
export function primaryKeyName(relation: Pick<Relation, 'name' | 'primaryKeyName'>): string {
  return relation.primaryKeyName ?? `${relation.name}_pkey`;
}
