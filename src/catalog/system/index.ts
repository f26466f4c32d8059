/**
 * The catalog as relations: pg_catalog, information_schema and fsql_catalog, whose rows are made from a catalog snapshot and from live
 * data that others provide; and the answers of PostgreSQL's catalog functions.
 *
 * Not here: SQL. A definition gives columns and rows, who reads them is the engine's business.
 *
 * Laws
 * - Columns and types of a PostgreSQL relation are PostgreSQL's (postgres-columns.generated.ts), whatever rows we have for it.
 * - Oids are the same in every session and after a restart.
 *
 * Start reading at system-relation.ts, then system-relations.ts and pg-relations.ts.
 */
export { CatalogInspection, type InspectionScope } from './catalog-inspection.ts';
export { DATABASE_OID, OWNER_NAME, OWNER_OID } from './fixed-oid.ts';
export type { FsqlCatalogProviders, FsqlLiveRelation } from './fsql-catalog.ts';
export { type CatalogFunction, numberFunctions } from './pg-functions.ts';
export { shownOptions } from './relation-kind.ts';
export type { SettingDescription, SystemContext, SystemRelation, SystemRow } from './system-relation.ts';
export { type SystemProviders, systemRelations } from './system-relations.ts';
