import type { Identifier } from './ast/index.ts';

/** A name between double quotes. */
export function quoteIdentifier(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** A relation's name as SQL, whatever the search path is. */
export function quoteRelation({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/**
 * An identifier as SQL text that reads back to the same identifier. Unquoted ones stand as they were written; they could not have
 * been read where the grammar forbids them.
 */
export function quoteIfNeeded(identifier: Identifier): string {
  if (identifier.meaning !== undefined) return quoteIdentifier(identifier.meaning);
  return identifier.quoted ? quoteIdentifier(identifier.text) : identifier.text;
}
