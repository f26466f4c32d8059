import type { AttachmentValue, CatalogEntry, CatalogSnapshot, Schema } from '../../catalog/index.ts';

/** What makes the catalog again what it was `before` the entries, in what they are about. */
export function takenBack(entries: readonly CatalogEntry[], before: CatalogSnapshot): readonly CatalogEntry[] {
  const back: CatalogEntry[][] = [];
  let catalog = before;
  for (const entry of entries) {
    back.push(oneTakenBack(entry, catalog));
    catalog = catalog.with([entry]);
  }
  return back.reverse().flat();
}

function oneTakenBack(entry: CatalogEntry, before: CatalogSnapshot): CatalogEntry[] {
  switch (entry.kind) {
    case 'put-relation':
      return relationAgain(entry.relation.oid, before) ?? [{ kind: 'drop-relation', oid: entry.relation.oid }];
    case 'drop-relation':
      return [...(relationAgain(entry.oid, before) ?? []), ...attachedAgain(entry.oid, before)];
    case 'put-function':
      return functionAgain(entry.declared.oid, before) ?? [{ kind: 'drop-function', oid: entry.declared.oid }];
    case 'drop-function':
      return functionAgain(entry.oid, before) ?? [];
    case 'create-schema':
      return [{ kind: 'drop-schema', oid: entry.oid }];
    case 'drop-schema':
      return [...schemaAgain(entry.oid, before), ...attachedAgain(entry.oid, before)];
    case 'comment-on-schema':
      return [{ kind: 'comment-on-schema', oid: entry.oid, comment: schemaOf(entry.oid, before)?.comment ?? null }];
    case 'attach':
      return [{ kind: 'attach', oid: entry.oid, key: entry.key, value: before.attachment(entry.oid, entry.key) }];
  }
}

function relationAgain(oid: number, before: CatalogSnapshot): CatalogEntry[] | null {
  const relation = before.relationByOid(oid);
  return relation === null ? null : [{ kind: 'put-relation', relation }];
}

function functionAgain(oid: number, before: CatalogSnapshot): CatalogEntry[] | null {
  const declared = before.functionByOid(oid);
  return declared === null ? null : [{ kind: 'put-function', declared }];
}

function schemaAgain(oid: number, before: CatalogSnapshot): CatalogEntry[] {
  const schema = schemaOf(oid, before);
  if (schema === undefined) return [];
  const { name, comment } = schema;
  return [
    { kind: 'create-schema', oid, name },
    { kind: 'comment-on-schema', oid, comment },
  ];
}

function schemaOf(oid: number, before: CatalogSnapshot): Schema | undefined {
  return [...before.schemas()].find((schema) => schema.oid === oid);
}

function attachedAgain(oid: number, before: CatalogSnapshot): CatalogEntry[] {
  return [...before.attachments(oid)].map(([key, value]: [string, AttachmentValue]) => ({ kind: 'attach', oid, key, value }));
}
