/**
 * What exists: schemas, streams, tables, views, sinks, functions, with columns, options and definitions; a versioned store that replays
 * from its own log. Plain data and look-ups; binding and running are others' business.
 *
 * Laws
 * - A Relation is immutable; a change replaces it and raises the catalog's version.
 * - Oids are never reused.
 * - A change is durable before anybody sees it; the entries of one commit take effect together.
 *
 * Start reading at relation.ts, then catalog.ts and system/index.ts.
 */
export { Catalog, type CatalogLogStore } from './catalog.ts';
export { type AttachmentValue, type CatalogEntry, decodeCatalogEntries, encodeCatalogEntries } from './catalog-entry.ts';
export type { CatalogReader } from './catalog-reader.ts';
export { CatalogSnapshot, isSystemSchema, type Schema } from './catalog-snapshot.ts';
export { type ColumnIdentity, sequenceName, typeWithIdentity } from './column-identity.ts';
export { type DeclaredFunction, functionText } from './declared-function.ts';
export { cascadeNotice, type DropPlan, dropKeyword, planDrop } from './drop-plan.ts';
export {
  type ColumnSource,
  declaredOptions,
  type EventTimeColumn,
  isOnlyElsewhere,
  isSystemRelation,
  isWritten,
  isWrittenHeaders,
  isWrittenTime,
  physicalColumn,
  type Relation,
  type RelationColumn,
  type RelationKind,
  type StartSplit,
  type WatermarkDeclaration,
  withDeclaredOptions,
} from './relation.ts';
export { type CheckRule, primaryKeyName, type RelationConstraint, type RelationKey, relationKeys, type UniqueRule } from './relation-constraint.ts';
export { indexesOver, type RelationIndex, relationOfIndexName } from './relation-index.ts';
export { type RelationStorage, storageNumber, storageOf, underStorageNames, underStorageOptions } from './relation-storage.ts';
export { currentSchemas, isTemporarySchema, PG_TEMP, resolutionOrder, temporarySchemaName } from './search-path.ts';
export { referencedSecret, secretReference } from './secret-reference.ts';
export { shownStatement } from './shown-statement.ts';
export {
  type CatalogFunction,
  CatalogInspection,
  DATABASE_OID,
  type FsqlCatalogProviders,
  type FsqlLiveRelation,
  type InspectionScope,
  numberFunctions,
  OWNER_NAME,
  OWNER_OID,
  type SettingDescription,
  type SystemContext,
  type SystemProviders,
  type SystemRelation,
  type SystemRow,
  shownOptions,
  systemRelations,
} from './system/index.ts';
