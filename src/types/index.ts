/**
 * SQL types and their values: text and binary codecs, comparison, coercion between representations, exact arithmetic of
 * numerics, dates and intervals.
 *
 * Knows no columns, no functions by name and no catalog. PostgreSQL 18 is the reference for every text form, every rounding and every error code.
 *
 * Texts compare by their UTF-8 bytes, which is PostgreSQL's collation "C"; there is no other collation.
 *
 * Start reading at sql-type.ts, then datum.ts, parse-datum.ts and value-bytes.ts; ./numeric, ./time and ./json hold the arithmetic.
 */
export { decodeBinary, encodeBinary } from './binary.ts';
export { canonicalDatum, canonicalKeyBytes, needsCanonicalKey } from './canonical-key.ts';
export { canonicalKeyText } from './canonical-key-text.ts';
export { compareDatums, compareFloats, datumsEqual, trimBlanks } from './compare-datums.ts';
export { compareOrdered, type DatumOrder } from './compare-ordered.ts';
export type { ArrayDatum, Datum, Decimal, Interval, MapDatum, RowDatum } from './datum.ts';
export { type DatumFormatOptions, formatDatum } from './format-datum.ts';
export * from './json/index.ts';
export { type MapType, makeMap, mapIndexOf } from './map-value.ts';
export * from './numeric/index.ts';
export { parseDatum, truncateName } from './parse-datum.ts';
export { rowKey } from './row-key.ts';
export { fitsInt32, type RowField, type SimpleTypeKind, type SqlType, type StorageKind, sameType, storageKind, type TypeKind } from './sql-type.ts';
export { arrayLeaves, formatArrayText, formatRowText, isNestedArray } from './text/array-text.ts';
export { formatBytea, formatHex, parseBytea, parseHex, uuidFromBytes, uuidToBytes } from './text/bytea-text.ts';
export { formatFloat4, formatFloat8, parseFloat4, parseFloat8 } from './text/float-text.ts';
export { INT2_RANGE, INT4_RANGE, INT8_RANGE, type IntegerRange, parseInteger, parseOid } from './text/integer-text.ts';
export { compareBytes, compareText, decodeUtf8, encodeUtf8, writeUtf8 } from './text/utf8.ts';
export * from './time/index.ts';
export * from './type-constants.ts';
export { datetimeOutOfRangeError, divisionByZeroError, invalidTextError, outOfRangeError } from './type-error.ts';
export { applyTypeModifier, codePointLength, hasModifier } from './type-modifier.ts';
export { formatType, formatTypeKind, innermostElement } from './type-name.ts';
export { arrayTypeOid, encodeTypmod, typeByOid, typeLength, typeOid } from './type-oid.ts';
export {
  bytesToDatum,
  datumToBytes,
  isStoredAsUtf8,
} from './value-bytes.ts';
export { widens } from './widens.ts';
