import type { Expression } from '../../expr/index.ts';

/**
 * A text that is equal for expressions that mean the same: source spans and the names of columns do not count. Used where the
 * same expression written twice is one, such as GROUP BY and the select list.
 */
export function expressionKey(expression: Expression): string {
  return JSON.stringify(expression, replaceForKey);
}

function replaceForKey(this: unknown, key: string, value: unknown): unknown {
  if (key === 'span') return undefined;
  if (key === 'relation') return (value as { oid: number }).oid;
  if (key === 'name' && isColumn(this)) return undefined;
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Uint8Array) return `bytes ${value.join(' ')}`;
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) return `number ${Object.is(value, -0) ? '-0' : value}`;
  return value;
}

function isColumn(holder: unknown): boolean {
  const kind = (holder as { kind?: unknown }).kind;
  return kind === 'column' || kind === 'outer-column';
}
