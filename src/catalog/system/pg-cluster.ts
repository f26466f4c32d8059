import type { Datum } from '../../types/index.ts';
import {
  CATALOG_COLLATION_OID,
  DATABASE_OID,
  DEFAULT_TABLESPACE_OID,
  LANGUAGE_OIDS,
  OWNER_NAME,
  OWNER_OID,
  PG_CATALOG_OID,
  UTF8_ENCODING,
} from './fixed-oid.ts';
import type { SystemContext, SystemRow } from './system-relation.ts';

/** The objects around the relations: schemas, the database, roles, access methods, languages, settings. */

export function* pgNamespace(context: SystemContext): Iterable<SystemRow> {
  for (const schema of context.catalog.schemas()) yield { oid: schema.oid, nspname: schema.name, nspowner: OWNER_OID };
}

export function pgDatabase(context: SystemContext): SystemRow[] {
  return [
    {
      oid: DATABASE_OID,
      datname: context.database,
      datdba: OWNER_OID,
      encoding: UTF8_ENCODING,
      datlocprovider: 'c',
      datallowconn: true,
      datconnlimit: -1,
      dattablespace: DEFAULT_TABLESPACE_OID,
      datcollate: 'C.UTF-8',
      datctype: 'C.UTF-8',
    },
  ];
}

const roleRow: SystemRow = {
  rolname: OWNER_NAME,
  rolsuper: true,
  rolinherit: true,
  rolcreaterole: true,
  rolcreatedb: true,
  rolcanlogin: true,
  rolreplication: false,
  rolconnlimit: -1,
  rolbypassrls: true,
};

export function pgAuthid(): SystemRow[] {
  return [{ ...roleRow, oid: OWNER_OID }];
}

export function pgRoles(): SystemRow[] {
  return [{ ...roleRow, oid: OWNER_OID, rolpassword: '********' }];
}

export function pgUser(): SystemRow[] {
  return [{ usename: OWNER_NAME, usesysid: OWNER_OID, usecreatedb: true, usesuper: true, userepl: false, usebypassrls: true, passwd: '********' }];
}

export function pgTablespace(): SystemRow[] {
  return [
    { oid: DEFAULT_TABLESPACE_OID, spcname: 'pg_default', spcowner: OWNER_OID },
    { oid: 1664, spcname: 'pg_global', spcowner: OWNER_OID },
  ];
}

export function pgAm(): SystemRow[] {
  return [
    { oid: 2, amname: 'heap', amtype: 't' },
    { oid: 403, amname: 'btree', amtype: 'i' },
  ];
}

export function pgCollation(): SystemRow[] {
  const common = { collnamespace: PG_CATALOG_OID, collowner: OWNER_OID, collisdeterministic: true, collencoding: -1 };
  return [
    { ...common, oid: CATALOG_COLLATION_OID, collname: 'default', collprovider: 'd' },
    { ...common, oid: 950, collname: 'C', collprovider: 'c', collcollate: 'C', collctype: 'C' },
  ];
}

export function pgLanguage(): SystemRow[] {
  return [
    { oid: LANGUAGE_OIDS.internal, lanname: 'internal', lanowner: OWNER_OID },
    { oid: LANGUAGE_OIDS.sql, lanname: 'sql', lanowner: OWNER_OID, lanpltrusted: true },
    { oid: LANGUAGE_OIDS.javascript, lanname: 'javascript', lanowner: OWNER_OID, lanpltrusted: true },
  ];
}

export function* pgSettings(context: SystemContext): Iterable<SystemRow> {
  for (const setting of context.settings()) {
    const choices: Datum | null = setting.choices === null ? null : { elements: setting.choices };
    yield {
      name: setting.name,
      setting: setting.setting,
      unit: setting.unit,
      category: setting.category,
      short_desc: setting.description,
      context: setting.context,
      vartype: setting.type,
      source: setting.source,
      min_val: setting.minimum,
      max_val: setting.maximum,
      enumvals: choices,
      boot_val: setting.defaultValue,
      reset_val: setting.resetValue,
      pending_restart: false,
    };
  }
}
