import { notUnderstood } from './source-tokens.ts';

/** A node of node-sql-parser, whose own types say what is not so. */
export type Tree = Readonly<Record<string, unknown>>;

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Errors: 0A000 where the parser gave something else. */
export function tree(value: unknown): Tree {
  if (isTree(value)) return value;
  throw notUnderstood(JSON.stringify(value) ?? 'nothing', undefined);
}

export function list(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw notUnderstood(JSON.stringify(value), undefined);
}

/** A name, which the parser gives as text or as a node with the text inside. */
export function nameText(value: unknown): string {
  if (typeof value === 'string') return value;
  const node = tree(value);
  if (node['expr'] !== undefined) return nameText(node['expr']);
  if (typeof node['value'] === 'string') return node['value'];
  if (node['column'] !== undefined) return nameText(node['column']);
  throw notUnderstood(JSON.stringify(value), undefined);
}
