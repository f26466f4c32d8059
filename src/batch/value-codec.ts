import { bytesToDatum, type Datum, datumToBytes, type SqlType } from '../types/index.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

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
  if (typeof datum === 'string' && isTextStorage(type)) return encoder.encode(datum);
  if (type.kind === 'bytea' && datum instanceof Uint8Array) return datum;
  return datumToBytes(type, datum);
}

/** The value that `data[start, end)` stands for in a BytesColumn of the type. */
export function decodeValue(type: SqlType, data: Uint8Array, range: { readonly start: number; readonly end: number }): Datum {
  const bytes = data.subarray(range.start, range.end);
  if (isTextStorage(type)) return decoder.decode(bytes);
  if (type.kind === 'bytea') return new Uint8Array(bytes);
  return bytesToDatum(type, bytes);
}
