import { quoteIdentifier } from '../../sql/index.ts';
import type { Relation } from '../relation.ts';
import { primaryKeyName } from './relation-kind.ts';

/** pg_get_indexdef of the primary key: the whole CREATE INDEX, or one column's name (`column` counts from 1). */
export function indexDefinition(relation: Relation, column: number | null): string {
  const names = keyColumns(relation);
  if (column !== null && column > 0) return names[column - 1] ?? '';
  const target = `${quoteWhereNeeded(relation.schema)}.${quoteWhereNeeded(relation.name)}`;
  return `CREATE UNIQUE INDEX ${quoteWhereNeeded(primaryKeyName(relation))} ON ${target} USING btree (${names.join(', ')})`;
}

/** pg_get_constraintdef of the primary key. */
export function constraintDefinition(relation: Relation): string {
  return `PRIMARY KEY (${keyColumns(relation).join(', ')})`;
}

/** pg_get_viewdef. */
export function viewDefinition(relation: Relation): string | null {
  return relation.query === null ? null : `${relation.query.trimEnd().replace(/;$/, '')};`;
}

function keyColumns(relation: Relation): string[] {
  return (relation.primaryKey ?? []).map((position) => quoteWhereNeeded(relation.columns[position]!.name));
}

/** Quotes where a name would not read back as itself. Keywords are not known here: a name that is one stays bare. */
export function quoteWhereNeeded(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : quoteIdentifier(name);
}
