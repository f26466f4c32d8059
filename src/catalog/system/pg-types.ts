import { arrayTypeOid, type SqlType, typeLength, typeOfKind, typeOid } from '../../types/index.ts';
import { CATALOG_COLLATION_OID, OWNER_OID, PG_CATALOG_OID } from './fixed-oid.ts';
import { ARRAY_FUNCTIONS } from './pg-functions.ts';
import { alignment } from './pg-relations.ts';
import type { SystemRow } from './system-relation.ts';

interface CatalogType {
  readonly kind: Exclude<SqlType['kind'], 'array'>;
  /** pg_type.typname. */
  readonly name: string;
  /** pg_type.typcategory. */
  readonly category: string;
  readonly preferred?: boolean;
  readonly pseudo?: boolean;
}

/** PostgreSQL's pg_type.dat for the types fsql has. */
export const CATALOG_TYPES: readonly CatalogType[] = [
  { kind: 'bool', name: 'bool', category: 'B', preferred: true },
  { kind: 'bytea', name: 'bytea', category: 'U' },
  { kind: 'internal_char', name: 'char', category: 'Z' },
  { kind: 'name', name: 'name', category: 'S' },
  { kind: 'int8', name: 'int8', category: 'N' },
  { kind: 'int2', name: 'int2', category: 'N' },
  { kind: 'int4', name: 'int4', category: 'N' },
  { kind: 'regproc', name: 'regproc', category: 'N' },
  { kind: 'text', name: 'text', category: 'S', preferred: true },
  { kind: 'oid', name: 'oid', category: 'N', preferred: true },
  { kind: 'float4', name: 'float4', category: 'N' },
  { kind: 'float8', name: 'float8', category: 'N', preferred: true },
  { kind: 'unknown', name: 'unknown', category: 'X', pseudo: true },
  { kind: 'char', name: 'bpchar', category: 'S' },
  { kind: 'varchar', name: 'varchar', category: 'S' },
  { kind: 'date', name: 'date', category: 'D' },
  { kind: 'time', name: 'time', category: 'D' },
  { kind: 'timestamp', name: 'timestamp', category: 'D' },
  { kind: 'timestamptz', name: 'timestamptz', category: 'D', preferred: true },
  { kind: 'interval', name: 'interval', category: 'T', preferred: true },
  { kind: 'numeric', name: 'numeric', category: 'N' },
  { kind: 'regclass', name: 'regclass', category: 'N' },
  { kind: 'regtype', name: 'regtype', category: 'N' },
  { kind: 'row', name: 'record', category: 'P', pseudo: true },
  { kind: 'void', name: 'void', category: 'P', pseudo: true },
  { kind: 'uuid', name: 'uuid', category: 'U' },
  { kind: 'jsonb', name: 'jsonb', category: 'U' },
  { kind: 'regnamespace', name: 'regnamespace', category: 'N' },
  { kind: 'map', name: 'map', category: 'U' },
];

export function* pgType(): Iterable<SystemRow> {
  for (const type of CATALOG_TYPES) {
    const sqlType = typeOfKind(type.kind);
    const arrayOid = arrayTypeOid(sqlType);
    yield typeRow(type, sqlType, arrayOid);
    if (arrayOid !== 0) yield arrayTypeRow(type, sqlType, arrayOid);
  }
}

function typeRow(type: CatalogType, sqlType: SqlType, arrayOid: number): SystemRow {
  const length = typeLength(sqlType);
  return {
    ...commonColumns,
    oid: typeOid(sqlType),
    typname: type.name,
    typlen: length,
    typbyval: length > 0 && length <= 8,
    typtype: type.pseudo === true ? 'p' : 'b',
    typcategory: type.category,
    typispreferred: type.preferred ?? false,
    typarray: arrayOid,
    typalign: alignment(length),
    typstorage: length > 0 ? 'p' : 'x',
    typcollation: type.category === 'S' ? CATALOG_COLLATION_OID : 0,
  };
}

function arrayTypeRow(type: CatalogType, element: SqlType, arrayOid: number): SystemRow {
  return {
    ...commonColumns,
    oid: arrayOid,
    typname: `_${type.name}`,
    typlen: -1,
    typtype: type.pseudo === true ? 'p' : 'b',
    typcategory: 'A',
    typelem: typeOid(element),
    ...ARRAY_FUNCTIONS,
    typalign: alignment(typeLength(element)) === 'd' ? 'd' : 'i',
    typstorage: 'x',
  };
}

const commonColumns: SystemRow = {
  typnamespace: PG_CATALOG_OID,
  typowner: OWNER_OID,
  typisdefined: true,
  typdelim: ',',
  typtypmod: -1,
};
