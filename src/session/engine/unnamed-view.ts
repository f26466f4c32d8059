import { physicalColumn, type Relation } from '../../catalog/index.ts';
import type { BoundQuery } from '../../plan/index.ts';

/** A view the catalog does not know: of a query that is explained, or read for as long as somebody follows it. */
export function unnamedView({ plan }: BoundQuery, made: Pick<Relation, 'oid' | 'schema' | 'name' | 'uniqueKeys' | 'appendOnly'>): Relation {
  return {
    ...made,
    kind: 'materialized view',
    columns: plan.fields.map(({ name, type }) => physicalColumn(name, type)),
    primaryKey: null,
    watermark: null,
    options: null,
    query: null,
    statement: '',
    dependsOn: [],
    comment: null,
  };
}
