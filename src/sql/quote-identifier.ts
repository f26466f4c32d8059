import type { Identifier } from './ast/index.ts';
import { keywords } from './keywords.ts';

/** A name between double quotes. */
export function quoteIdentifier(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/**
 * An identifier as SQL text that reads back to the same identifier. Unquoted ones stand as they were written; they could not have
 * been read where the grammar forbids them.
 */
export function quoteIfNeeded(identifier: Identifier): string {
  return identifier.quoted ? quoteIdentifier(identifier.text) : identifier.text;
}

/** A name from the catalog as SQL text: quoted only when folding or a keyword would change it (quote_ident of PostgreSQL). */
export function quoteName(name: string): string {
  const plain = /^[a-z_][a-z0-9_$]*$/.test(name) && (keywords.get(name)?.category ?? 'unreserved') === 'unreserved';
  return plain ? name : quoteIdentifier(name);
}
