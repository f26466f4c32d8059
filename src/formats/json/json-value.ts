import { SqlError, SqlState } from '../../base/index.ts';
import { jsonStringBytes, jsonValueEnd } from '../../batch/index.ts';
import {
  applyTypeModifier,
  checkTimestamp,
  type Datum,
  decodeUtf8,
  formatType,
  INT2_RANGE,
  INT4_RANGE,
  INT8_RANGE,
  type IntegerRange,
  invalidTextError,
  type MapType,
  makeMap,
  parseDatum,
  type SqlType,
} from '../../types/index.ts';

/** A JSON value inside valid JSON: data[start, end). */
interface JsonToken {
  readonly data: Uint8Array;
  readonly start: number;
  readonly end: number;
}

const QUOTE = 0x22;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
/** A number with a larger exponent is no 64-bit integer unless it is zero, and is not worth the digits. */
const INTEGER_EXPONENT_MAX = 400;

/**
 * The SQL value of a JSON value; JSON null is SQL NULL. Strings go through the type's PostgreSQL input function, so "12" is a bigint; text
 * takes any JSON value as written; a number in a time column counts milliseconds since 1970; bytea is base64, as Flink writes it.
 * Throws SqlError when the value is not one of the type.
 */
export function jsonTokenDatum(type: SqlType, token: JsonToken): Datum | null {
  const first = token.data[token.start]!;
  if (first === 0x6e) return null;
  const datum = readToken(type, token, first);
  return datum === null ? null : applyTypeModifier(type, datum, false);
}

/** Text of a JSON value: a string's contents, anything else as written. */
function jsonTokenText({ data, start, end }: JsonToken): string {
  if (data[start] !== QUOTE) return decodeUtf8(data, start, end);
  const bytes = jsonStringBytes(data, start + 1, end - 1);
  if (typeof bytes === 'string') throw new SqlError({ code: SqlState.invalidTextRepresentation, message: bytes });
  return decodeUtf8(bytes);
}

function readToken(type: SqlType, token: JsonToken, first: number): Datum | null {
  switch (type.kind) {
    case 'text':
    case 'varchar':
    case 'char':
    case 'name':
    case 'internal_char':
    case 'unknown':
      return parseDatum(type, jsonTokenText(token));
    case 'jsonb':
      return parseDatum(type, decodeUtf8(token.data, token.start, token.end));
    case 'array':
      return first === OPEN_ARRAY ? readArray(type, token) : refuse(type, token);
    case 'row':
      return first === OPEN_OBJECT ? readRow(type, token) : refuse(type, token);
    case 'map':
      return first === OPEN_OBJECT ? readMap(type, token) : refuse(type, token);
    default:
      if (first === OPEN_OBJECT || first === OPEN_ARRAY) return refuse(type, token);
      return first === QUOTE ? readString(type, jsonTokenText(token)) : readPlain(type, decodeUtf8(token.data, token.start, token.end));
  }
}

function readString(type: SqlType, text: string): Datum {
  return type.kind === 'bytea' ? readBase64(text) : parseDatum(type, text);
}

/** `text` is a JSON number, true or false. */
function readPlain(type: SqlType, text: string): Datum {
  const isNumber = text !== 'true' && text !== 'false';
  switch (type.kind) {
    case 'bool':
      if (isNumber) throw invalidTextError('boolean', text);
      return text === 'true';
    case 'int2':
      return Number(readInteger(text, INT2_RANGE));
    case 'int4':
      return Number(readInteger(text, INT4_RANGE));
    case 'int8':
      return readInteger(text, INT8_RANGE);
    case 'timestamp':
    case 'timestamptz':
      if (!isNumber) throw invalidTextError(formatType(type), text);
      return readEpochMillis(type, text);
    default:
      return parseDatum(type, text);
  }
}

/** Numbers that are whole are integers however they are written: 1.0, 1e3, -0. */
function readInteger(text: string, range: IntegerRange): bigint {
  const value = wholeNumber(text, 0);
  if (value === null) throw invalidTextError(range.typeName, text);
  if (value < range.min || value > range.max) {
    throw new SqlError({ code: SqlState.numericValueOutOfRange, message: `value "${text}" is out of range for type ${range.typeName}` });
  }
  return value;
}

function readEpochMillis(type: SqlType, text: string): bigint {
  const micros = wholeNumber(text, 3);
  if (micros === null) throw invalidTextError(formatType(type), text);
  return checkTimestamp(micros);
}

/** The JSON number times ten to `shift`, when that is whole; digits beyond are not rounded away. */
function wholeNumber(text: string, shift: number): bigint | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return null;
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  const digits = BigInt(match[2] + fraction);
  if (digits === 0n) return 0n;
  const exponent = Number(match[4] ?? 0) - fraction.length + shift;
  const signed = match[1] === '-' ? -digits : digits;
  if (exponent >= 0) return signed * 10n ** BigInt(Math.min(exponent, INTEGER_EXPONENT_MAX));
  if (-exponent > text.length) return null;
  const divisor = 10n ** BigInt(-exponent);
  return signed % divisor === 0n ? signed / divisor : null;
}

function readBase64(text: string): Uint8Array {
  if (text.startsWith('\\x')) return parseDatum({ kind: 'bytea' }, text) as Uint8Array;
  const isBase64 = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  if (!isBase64) throw new SqlError({ code: SqlState.invalidTextRepresentation, message: 'invalid base64 in a value of type bytea' });
  return new Uint8Array(Buffer.from(text, 'base64'));
}

function readArray(type: Extract<SqlType, { kind: 'array' }>, { data, start, end }: JsonToken): Datum {
  const elements: (Datum | null)[] = [];
  let at = skipSpace(data, start + 1);
  while (at < end - 1) {
    const valueEnd = jsonValueEnd(data, at, end);
    // PostgreSQL has one array type for all dimensions.
    const elementType = data[at] === OPEN_ARRAY && type.element.kind !== 'array' ? type : type.element;
    elements.push(jsonTokenDatum(elementType, { data, start: at, end: valueEnd }));
    at = skipSpace(data, valueEnd);
    if (data[at] === 0x2c) at = skipSpace(data, at + 1);
  }
  return { elements };
}

function readRow(type: Extract<SqlType, { kind: 'row' }>, { data, start, end }: JsonToken): Datum {
  const fields: (Datum | null)[] = type.fields.map(() => null);
  let at = skipSpace(data, start + 1);
  while (at < end - 1) {
    const keyEnd = jsonValueEnd(data, at, end);
    const valueStart = skipSpace(data, skipSpace(data, keyEnd) + 1);
    const valueEnd = jsonValueEnd(data, valueStart, end);
    const key = jsonStringBytes(data, at + 1, keyEnd - 1);
    const name = typeof key === 'string' ? null : decodeUtf8(key);
    const index = type.fields.findIndex((field) => field.name === name);
    if (index >= 0) fields[index] = jsonTokenDatum(type.fields[index]!.type, { data, start: valueStart, end: valueEnd });
    at = skipSpace(data, valueEnd);
    if (data[at] === 0x2c) at = skipSpace(data, at + 1);
  }
  return { fields };
}

/** A member's name is the key's text, as JSON has no other keys. */
function readMap(type: MapType, { data, start, end }: JsonToken): Datum {
  const pairs: (readonly [Datum, Datum | null])[] = [];
  let at = skipSpace(data, start + 1);
  while (at < end - 1) {
    const keyEnd = jsonValueEnd(data, at, end);
    const valueStart = skipSpace(data, skipSpace(data, keyEnd) + 1);
    const valueEnd = jsonValueEnd(data, valueStart, end);
    const key = parseDatum(type.key, jsonTokenText({ data, start: at, end: keyEnd }));
    pairs.push([key, jsonTokenDatum(type.value, { data, start: valueStart, end: valueEnd })]);
    at = skipSpace(data, valueEnd);
    if (data[at] === 0x2c) at = skipSpace(data, at + 1);
  }
  return makeMap(type, pairs);
}

function skipSpace(data: Uint8Array, at: number): number {
  let position = at;
  while (data[position] === 0x20 || data[position] === 0x0a || data[position] === 0x0d || data[position] === 0x09) position++;
  return position;
}

function refuse(type: SqlType, { data, start, end }: JsonToken): never {
  throw invalidTextError(formatType(type), decodeUtf8(data, start, end));
}
