/** Oids that PostgreSQL's initdb always gives, and the ones of fsql that take their place. */

/** BOOTSTRAP_SUPERUSERID: owner of everything. */
export const OWNER_OID = 10;
export const OWNER_NAME = 'fsql';
export const DATABASE_OID = 5;
export const PG_CATALOG_OID = 11;
/** The collation called "default". */
export const CATALOG_COLLATION_OID = 100;
export const DEFAULT_TABLESPACE_OID = 1663;
/** pg_language. */
export const LANGUAGE_OIDS = { internal: 12, sql: 14, javascript: 15_001 } as const;
/** pg_enc: UTF8. */
export const UTF8_ENCODING = 6;
