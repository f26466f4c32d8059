import type { Relation } from '../../catalog/index.ts';
import type { RelationUse } from '../../plan/index.ts';
import type { QualifiedName, Query } from '../../sql/index.ts';

/**
 * The query as the catalog keeps it. Which relation a name without schema means is told by what the query depends on (StoredNames), but not where that has
 * several of one name: there names get their schema. `uses`: where `query` names relations; `others`: what else is depended on.
 */
export function storedQuery(query: Query, uses: readonly RelationUse[], others: readonly Relation[] = []): Query {
  const relations = [...uses.map((use) => use.relation), ...others];
  const whole = new Map<unknown, QualifiedName>();
  for (const { relation, name } of uses) {
    const alone = relations.every((other) => other.oid === relation.oid || other.name !== relation.name);
    if (name.parts.length > 1 || alone) continue;
    const schema = { kind: 'identifier' as const, text: relation.schema, quoted: true, span: name.span };
    whole.set(name, { ...name, parts: [schema, ...name.parts] });
  }
  return whole.size === 0 ? query : (replaced(query, whole) as Query);
}

/** A copy of a tree of plain values with other nodes in place of those that are keys of `nodes`. */
function replaced(tree: unknown, nodes: ReadonlyMap<unknown, unknown>): unknown {
  const other = nodes.get(tree);
  if (other !== undefined) return other;
  if (Array.isArray(tree)) return tree.map((one) => replaced(one, nodes));
  if (tree === null || typeof tree !== 'object') return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, replaced(value, nodes)]));
}
