import type { Span } from '../../sql/index.ts';

/** The tree with every node standing at one place: what is written out stands where its short form stood. */
export function placedAt(node: unknown, span: Span): unknown {
  if (Array.isArray(node)) return node.map((item) => placedAt(item, span));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([property, value]) => [property, property === 'span' ? span : placedAt(value, span)]));
}
