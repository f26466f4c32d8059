/**
 * What exists: schemas, streams, tables, views, sinks, functions, with columns, options and definitions; a versioned store that replays
 * from its own log. Plain data and look-ups; binding and running are others' business.
 *
 * Laws
 * - A Relation is immutable; a change replaces it and raises the catalog's version.
 * - Oids are never reused.
 *
 * Start reading at relation.ts.
 */
export type { CatalogReader } from './catalog-reader.ts';
export type { ColumnSource, Relation, RelationColumn, RelationKind, StartSplit, WatermarkDeclaration } from './relation.ts';
