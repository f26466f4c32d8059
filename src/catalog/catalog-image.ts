import { type CatalogEntry, encodeCatalogEntries } from './catalog-entry.ts';
import { type CatalogSnapshot, isSystemSchema } from './catalog-snapshot.ts';

/** The number of the schema `public`, which is there from the beginning. */
const PUBLIC = 'public';

/**
 * A catalog as one text that makes it anew, whatever happened to it before: an entry for everything that is there, by oid. `lastOid` is the newest one given out; it is not
 * given out again.
 */
export function catalogImage(snapshot: CatalogSnapshot, lastOid: number): string {
  const schemas = [...snapshot.schemas()].filter(({ name }) => !isSystemSchema(name));
  const relations = [...snapshot.relations()].filter(({ kind }) => kind !== 'system').sort(byOid);
  const functions = [...snapshot.functions()].sort(byOid);
  const entries: CatalogEntry[] = [];
  for (const { oid, name, comment } of schemas.sort(byOid)) {
    if (name !== PUBLIC) entries.push({ kind: 'create-schema', oid, name });
    entries.push({ kind: 'comment-on-schema', oid, comment });
  }
  entries.push(...functions.map((declared): CatalogEntry => ({ kind: 'put-function', declared })));
  entries.push(...relations.map((relation): CatalogEntry => ({ kind: 'put-relation', relation })));
  for (const oid of [0, ...[...schemas, ...relations].map((one) => one.oid)]) {
    const attached = [...snapshot.attachments(oid)].sort(([left], [right]) => (left < right ? -1 : 1));
    entries.push(...attached.map(([key, value]): CatalogEntry => ({ kind: 'attach', oid, key, value })));
  }
  entries.push(oidsInUse(lastOid));
  return encodeCatalogEntries(entries);
}

/** All oids up to one are in use: to take away what was never there changes nothing else. */
export function oidsInUse(lastOid: number): CatalogEntry {
  return { kind: 'attach', oid: lastOid, key: 'last-oid', value: null };
}

function byOid(left: { readonly oid: number }, right: { readonly oid: number }): number {
  return left.oid - right.oid;
}
