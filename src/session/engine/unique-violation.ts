import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation, RelationKey } from '../../catalog/index.ts';
import { canonicalKeyText, type Datum, formatDatum } from '../../types/index.ts';

type Row = readonly (Datum | null)[];

/** Equal text for rows that must not stand side by side; null where a NULL makes the row unlike any other. */
export function keyText(relation: Relation, key: RelationKey, row: Row): string | null {
  const values = key.columns.map((position) => row[position] ?? null);
  if (key.nullsDistinct && values.includes(null)) return null;
  return canonicalKeyText(
    key.columns.map((position) => relation.columns[position]!.type),
    values,
  );
}

/** 23505 as PostgreSQL words it. */
export function uniqueViolation(relation: Relation, key: RelationKey, row: Row): SqlError {
  const { name, schema, columns } = relation;
  const shown = key.columns.map((position) => {
    const value = row[position] ?? null;
    return value === null ? 'null' : formatDatum(columns[position]!.type, value);
  });
  const names = key.columns.map((position) => columns[position]!.name).join(', ');
  return new SqlError({
    code: SqlState.uniqueViolation,
    message: `duplicate key value violates unique constraint "${key.name}"`,
    detail: `Key (${names})=(${shown.join(', ')}) already exists.`,
    schema,
    table: name,
    constraint: key.name,
  });
}
