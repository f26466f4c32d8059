import { bytesToDatum, type Datum, datumToBytes, type SqlType } from '../types/index.ts';

/** True where a value of a bytes column is plain UTF-8 text. */
export function isTextStorage(type: SqlType): boolean {
  switch (type.kind) {
    case 'text':
    case 'varchar':
    case 'char':
    case 'name':
    case 'internal_char':
    case 'unknown':
    case 'jsonb':
      return true;
    default:
      return false;
  }
}

/** The bytes a value has in a BytesColumn of its type. */
export function encodeValue(type: SqlType, datum: Datum): Uint8Array {
  return datumToBytes(type, datum);
}

/**
 * The value that `data[start, end)` stands for in a BytesColumn of the type. Unlike bytesToDatum's, bytea is never a view: the slice of a
 * Buffer would be one.
 */
export function decodeValue(type: SqlType, data: Uint8Array, range: { readonly start: number; readonly end: number }): Datum {
  if (type.kind === 'bytea') return new Uint8Array(data.subarray(range.start, range.end));
  return bytesToDatum(type, data, range.start, range.end);
}
