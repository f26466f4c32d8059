import type { Span } from '../../sql/index.ts';

/** The tree with every span standing elsewhere; `moved` gives the new place of an offset. */
export function moveSpans<Node>(node: Node, moved: (offset: number) => number): Node {
  return walk(node, moved) as Node;
}

function walk(node: unknown, moved: (offset: number) => number): unknown {
  if (Array.isArray(node)) return node.map((item) => walk(item, moved));
  if (typeof node !== 'object' || node === null) return node;
  if (isSpan(node)) return { start: moved(node.start), end: moved(Math.max(node.start, node.end - 1)) + 1 };
  return Object.fromEntries(Object.entries(node).map(([property, value]) => [property, walk(value, moved)]));
}

function isSpan(node: object): node is Span {
  return Object.keys(node).length === 2 && 'start' in node && 'end' in node && typeof node.start === 'number';
}
