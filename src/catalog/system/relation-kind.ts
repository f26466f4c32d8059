import { declaredOptions, type Relation } from '../relation.ts';
import { isTemporarySchema } from '../search-path.ts';
import { referencedSecret } from '../secret-reference.ts';
import { shownValue } from '../shown-statement.ts';

/**
 * pg_class.relkind. Streams, stored tables and sinks are `r`: everything a client may write to or that has rows of its own is a table to
 * it. The word of the product is in fsql_catalog.relations. System relations are `v` except where PostgreSQL has tables.
 */
export function relationKindCode(relation: Relation): 'r' | 'v' | 'm' {
  switch (relation.kind) {
    case 'view':
      return 'v';
    case 'materialized view':
      return 'm';
    case 'system':
      return relation.schema === 'pg_catalog' && relation.oid < 10_000 ? 'r' : 'v';
    default:
      return 'r';
  }
}

/** information_schema.tables.table_type. */
export function tableType(relation: Relation): 'BASE TABLE' | 'LOCAL TEMPORARY' | 'VIEW' {
  if (relationKindCode(relation) !== 'r') return 'VIEW';
  return isTemporarySchema(relation.schema) ? 'LOCAL TEMPORARY' : 'BASE TABLE';
}

/** How a column gets its value where that is no plain DEFAULT; null for physical columns. */
export function generationExpression(column: Relation['columns'][number]): string | null {
  switch (column.source.kind) {
    case 'computed':
      return column.source.expression;
    case 'metadata':
      return `METADATA FROM '${column.source.key}'`;
    case 'physical':
      return null;
  }
}

/** Options for showing: what looks like a secret is covered. */
export function shownOptions(relation: Relation): string[] {
  return [...declaredOptions(relation)].map(([name, value]) => {
    const secret = referencedSecret(value);
    if (secret !== null) return `${name}=SECRET ${secret}`;
    return `${name}=${shownValue(name, value)}`;
  });
}
