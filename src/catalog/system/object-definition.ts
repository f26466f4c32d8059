import type { Relation } from '../relation.ts';

/** pg_get_viewdef. */
export function viewDefinition(relation: Relation): string | null {
  return relation.query === null ? null : `${relation.query.trimEnd().replace(/;$/, '')};`;
}
