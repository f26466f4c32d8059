import { SqlError, SqlState } from '../base/index.ts';
import { type AttachmentValue, type CatalogSnapshot, referencedSecret } from '../catalog/index.ts';
import { foldIdentifier, type QualifiedName } from '../sql/index.ts';

/** Things of the database that are a name and a text: they belong to no schema. */
export type NamedKind = 'secret' | 'type' | 'connection' | 'setting';

/** What they are attached to in the catalog. */
export const NAMED_VALUES_OID = 0;

export function attachmentKey(kind: NamedKind, name: string): string {
  return `${kind}:${name}`;
}

/** The name without its case. Errors: 0A000 with a schema. */
export function namedValueName(kind: NamedKind, name: QualifiedName): string {
  if (name.parts.length === 1) return foldIdentifier(name.parts[0]!).toLowerCase();
  const message = `a ${kind} is in no schema`;
  throw new SqlError({ code: SqlState.featureNotSupported, message, hint: 'Write the name alone.', position: name.span.start });
}

export function namedValue(kind: NamedKind, name: string, snapshot: CatalogSnapshot): string | null {
  return text(snapshot.attachment(NAMED_VALUES_OID, attachmentKey(kind, name)));
}

/** Names and texts of all of a kind, by name. */
export function namedValues(kind: NamedKind, snapshot: CatalogSnapshot): readonly (readonly [string, string])[] {
  const prefix = attachmentKey(kind, '');
  const found = [...snapshot.attachments(NAMED_VALUES_OID)].filter(([key]) => key.startsWith(prefix));
  return found.map(([key, value]) => [key.slice(prefix.length), text(value) ?? ''] as const).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** The options with every secret's value in its place, for the connector alone. Errors: 42704. */
export function withSecrets(options: ReadonlyMap<string, string>, snapshot: CatalogSnapshot): ReadonlyMap<string, string> {
  if (![...options.values()].some((value) => referencedSecret(value) !== null)) return options;
  return new Map(
    [...options].map(([option, value]) => {
      const name = referencedSecret(value);
      if (name === null) return [option, value];
      const found = namedValue('secret', name, snapshot);
      if (found === null) throw new SqlError({ code: SqlState.undefinedObject, message: `secret "${name}" does not exist` });
      return [option, found];
    }),
  );
}

function text(value: AttachmentValue): string | null {
  return typeof value === 'string' ? value : null;
}
