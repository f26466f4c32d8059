/**
 * A copy of a tree of plain values, as an AST is one, with other nodes in it. `other` is asked for each node from the root down: what it gives stands there
 * as it is, undefined keeps the node and goes into it.
 */
export function replaceNodes<Tree>(tree: Tree, other: (node: unknown) => unknown): Tree {
  return copied(tree, other) as Tree;
}

function copied(node: unknown, other: (node: unknown) => unknown): unknown {
  const replacement = other(node);
  if (replacement !== undefined) return replacement;
  if (Array.isArray(node)) return node.map((one) => copied(one, other));
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, copied(value, other)]));
}
