import type { Relation } from '../../catalog/index.ts';
import type { RelationUse } from '../../plan/index.ts';
import { keywords, type QualifiedName, type Query, replaceNodes } from '../../sql/index.ts';

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
    whole.set(name, withSchema(name, relation.schema));
  }
  return whole.size === 0 ? query : replaced(query, whole);
}

/** The name behind its schema. */
export function withSchema(name: QualifiedName, schema: string): QualifiedName {
  return {
    ...name,
    parts: [{ kind: 'identifier', text: schema, quoted: !/^[a-z_][a-z0-9_]*$/.test(schema) || keywords.has(schema), span: name.span }, ...name.parts],
  };
}

/** A copy of a tree of plain values with other nodes in place of those that are keys of `nodes`. */
export function replaced<Tree>(tree: Tree, nodes: ReadonlyMap<unknown, unknown>): Tree {
  return replaceNodes(tree, (node) => nodes.get(node));
}
