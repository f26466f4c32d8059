import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation, RelationKey } from '../../catalog/index.ts';
import { type Datum, formatDatum } from '../../types/index.ts';
import { valuesText } from './values-text.ts';

type Row = readonly (Datum | null)[];

/** Equal text for rows that must not stand side by side; null where a NULL makes the row unlike any other. */
export function keyText(relation: Pick<Relation, 'columns'>, key: RelationKey, row: Row): string | null {
  if (key.nullsDistinct && key.columns.some((position) => (row[position] ?? null) === null)) return null;
  return valuesText(relation, key.columns, row);
}

/** The DETAIL about rows that share a key; null when none do. */
export function duplicatedKey(rows: readonly Row[], key: RelationKey, relation: Pick<Relation, 'columns'>): string | null {
  const seen = new Set<string>();
  for (const row of rows) {
    const text = keyText(relation, key, row);
    if (text !== null && seen.has(text)) return `Key ${shownKey(relation, key, row)} is duplicated.`;
    if (text !== null) seen.add(text);
  }
  return null;
}

/** 23505 as PostgreSQL words it. */
export function uniqueViolation(relation: Relation, key: RelationKey, row: Row): SqlError {
  const { name, schema } = relation;
  return new SqlError({
    code: SqlState.uniqueViolation,
    message: `duplicate key value violates unique constraint "${key.name}"`,
    detail: `Key ${shownKey(relation, key, row)} already exists.`,
    schema,
    table: name,
    constraint: key.name,
  });
}

function shownKey({ columns }: Pick<Relation, 'columns'>, key: RelationKey, row: Row): string {
  const shown = key.columns.map((position) => {
    const value = row[position] ?? null;
    return value === null ? 'null' : formatDatum(columns[position]!.type, value);
  });
  return `(${key.columns.map((position) => columns[position]!.name).join(', ')})=(${shown.join(', ')})`;
}
