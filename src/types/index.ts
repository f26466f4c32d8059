/**
 * SQL types and their values: text and binary codecs, comparison, coercion between representations, exact arithmetic of
 * numerics, dates and intervals.
 *
 * Knows no columns, no functions by name and no catalog. PostgreSQL 18 is the reference for every text form, every rounding and every error code.
 *
 * Start reading at sql-type.ts, then datum.ts.
 */
export type { ArrayDatum, Datum, Decimal, Interval, RowDatum } from './datum.ts';
export { fitsInt32, type RowField, type SimpleTypeKind, type SqlType, type StorageKind, sameType, storageKind, type TypeKind } from './sql-type.ts';
