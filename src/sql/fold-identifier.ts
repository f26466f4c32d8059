import type { Identifier } from './ast/index.ts';

/**
 * The name an identifier means, where nothing has settled it in the postgres dialect: quoted text as it stands, unquoted text in lower case.
 * Only ASCII letters fold, as in PostgreSQL with a multi-byte encoding, so the result does not depend on a locale.
 */
export function foldIdentifier(identifier: Identifier): string {
  if (identifier.meaning !== undefined) return identifier.meaning;
  return identifier.quoted ? identifier.text : foldCase(identifier.text);
}

/** Lower case of the ASCII letters only. */
export function foldCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
