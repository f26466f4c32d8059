import { SqlError, SqlState } from '../base/index.ts';
import { type BinaryReader, BinaryWriter, openBinary } from './binary-bytes.ts';
import type { ArrayDatum, Datum, Decimal, Interval, RowDatum } from './datum.ts';
import { formatDatum } from './format-datum.ts';
import { normaliseJson } from './json/index.ts';
import { readBinaryNumeric, writeBinaryNumeric } from './numeric/decimal-binary.ts';
import { parseDatum } from './parse-datum.ts';
import type { SqlType } from './sql-type.ts';
import { isNestedArray } from './text/array-text.ts';
import { uuidFromBytes, uuidToBytes } from './text/bytea-text.ts';
import { decodeUtf8, encodeUtf8 } from './text/utf8.ts';
import {
  DATE_INFINITY,
  DATE_NEGATIVE_INFINITY,
  isInfiniteDate,
  isInfiniteTimestamp,
  TIMESTAMP_INFINITY,
  TIMESTAMP_NEGATIVE_INFINITY,
} from './time/index.ts';
import { innermostElement } from './type-name.ts';
import { typeByOid, typeOid } from './type-oid.ts';

/** PostgreSQL counts dates and timestamps on the wire from 2000-01-01. */
const EPOCH_DAYS = 10_957;
const EPOCH_MICROS = 946_684_800_000_000n;
const JSONB_VERSION = 1;
const NULL_LENGTH = -1;
const DIMENSIONS_MAX = 6;

/** The value in the binary format of the PostgreSQL protocol (the type's send function). */
export function encodeBinary(type: SqlType, datum: Datum): Uint8Array {
  const writer = new BinaryWriter();
  writeBinary(writer, type, datum);
  return writer.take();
}

/** The value of binary-format bytes (the type's receive function); 22P03 where they are malformed. */
export function decodeBinary(type: SqlType, bytes: Uint8Array): Datum {
  const reader = openBinary(bytes);
  const value = readBinary(reader, type, bytes.length);
  if (reader.remaining !== 0) throw malformed();
  return value;
}

function writeBinary(writer: BinaryWriter, type: SqlType, datum: Datum): void {
  switch (type.kind) {
    case 'bool':
      writer.int8(datum ? 1 : 0);
      break;
    case 'int2':
      writer.int16(datum as number);
      break;
    case 'int4':
    case 'oid':
    case 'regclass':
    case 'regtype':
    case 'regproc':
    case 'regnamespace':
      writer.int32(datum as number);
      break;
    case 'int8':
    case 'time':
      writer.int64(datum as bigint);
      break;
    case 'float4':
      writer.float32(datum as number);
      break;
    case 'float8':
      writer.float64(datum as number);
      break;
    case 'date':
      writer.int32(isInfiniteDate(datum as number) ? (datum as number) : (datum as number) - EPOCH_DAYS);
      break;
    case 'timestamp':
    case 'timestamptz':
      writer.int64(isInfiniteTimestamp(datum as bigint) ? (datum as bigint) : (datum as bigint) - EPOCH_MICROS);
      break;
    case 'interval': {
      const { micros, days, months } = datum as Interval;
      writer.int64(micros);
      writer.int32(days);
      writer.int32(months);
      break;
    }
    case 'numeric':
      writeBinaryNumeric(writer, datum as Decimal);
      break;
    case 'uuid':
      writer.raw(uuidToBytes(datum as string));
      break;
    case 'bytea':
      writer.raw(datum as Uint8Array);
      break;
    case 'jsonb':
      writer.int8(JSONB_VERSION);
      writer.raw(encodeUtf8(datum as string));
      break;
    case 'array':
      writeArray(writer, innermostElement(type), datum as ArrayDatum);
      break;
    case 'row':
      writeRow(
        writer,
        type.fields.map((field) => field.type),
        datum as RowDatum,
      );
      break;
    default:
      // PostgreSQL has no maps and no format for them: their text.
      writer.raw(encodeUtf8(type.kind === 'map' ? formatDatum(type, datum) : (datum as string)));
  }
}

function readBinary(reader: BinaryReader, type: SqlType, length: number): Datum {
  switch (type.kind) {
    case 'bool':
      return reader.int8() !== 0;
    case 'int2':
      return reader.int16();
    case 'int4':
      return reader.int32();
    case 'oid':
    case 'regclass':
    case 'regtype':
    case 'regproc':
    case 'regnamespace':
      return reader.int32() >>> 0;
    case 'int8':
    case 'time':
      return reader.int64();
    case 'float4':
      return reader.float32();
    case 'float8':
      return reader.float64();
    case 'date': {
      const days = reader.int32();
      return days === DATE_INFINITY || days === DATE_NEGATIVE_INFINITY ? days : days + EPOCH_DAYS;
    }
    case 'timestamp':
    case 'timestamptz': {
      const micros = reader.int64();
      return micros === TIMESTAMP_INFINITY || micros === TIMESTAMP_NEGATIVE_INFINITY ? micros : BigInt.asIntN(64, micros + EPOCH_MICROS);
    }
    case 'interval': {
      const micros = reader.int64();
      const days = reader.int32();
      return { micros, days, months: reader.int32() };
    }
    case 'numeric':
      return readBinaryNumeric(reader);
    case 'uuid':
      return uuidFromBytes(reader.raw(16), 0);
    case 'bytea':
      return reader.raw(length).slice();
    case 'jsonb':
      if (reader.int8() !== JSONB_VERSION)
        throw new SqlError({ code: SqlState.invalidBinaryRepresentation, message: 'unsupported jsonb version number' });
      return normaliseJson(decodeText(reader.raw(length - 1)));
    case 'array':
      return readArray(reader, innermostElement(type));
    case 'row':
      return readRow(
        reader,
        type.fields.map((field) => field.type),
      );
    case 'map':
      return parseDatum(type, decodeText(reader.raw(length)));
    default:
      return decodeText(reader.raw(length));
  }
}

/** Number of dimensions, has-null flag, element oid, (size, lower bound) per dimension, then length-prefixed elements in row-major order. */
function writeArray(writer: BinaryWriter, element: SqlType, value: ArrayDatum): void {
  const sizes: number[] = [];
  for (let level: Datum | null | undefined = value; isNestedArray(level ?? null); level = (level as ArrayDatum).elements[0]) {
    if ((level as ArrayDatum).elements.length === 0) break;
    sizes.push((level as ArrayDatum).elements.length);
  }
  const leaves: (Datum | null)[] = [];
  collectLeaves(value, leaves);
  writer.int32(sizes.length);
  writer.int32(leaves.includes(null) ? 1 : 0);
  writer.int32(typeOid(element));
  for (const size of sizes) {
    writer.int32(size);
    writer.int32(1);
  }
  for (const leaf of leaves) writeField(writer, element, leaf);
}

function collectLeaves(value: ArrayDatum, leaves: (Datum | null)[]): void {
  for (const item of value.elements) {
    if (isNestedArray(item)) collectLeaves(item, leaves);
    else leaves.push(item);
  }
}

function readArray(reader: BinaryReader, element: SqlType): ArrayDatum {
  const dimensions = reader.int32();
  reader.int32();
  const oid = reader.int32();
  if (dimensions < 0 || dimensions > DIMENSIONS_MAX) throw malformed();
  if (oid !== typeOid(element)) {
    throw new SqlError({
      code: SqlState.datatypeMismatch,
      message: `binary data has array element type ${oid} instead of expected ${typeOid(element)}`,
    });
  }
  const sizes: number[] = [];
  for (let i = 0; i < dimensions; i++) {
    sizes.push(reader.int32());
    reader.int32();
  }
  const read = (level: number): ArrayDatum => {
    const elements: (Datum | null)[] = [];
    for (let i = 0; i < sizes[level]!; i++) elements.push(level + 1 < sizes.length ? read(level + 1) : readField(reader, element));
    return { elements };
  };
  return dimensions === 0 ? { elements: [] } : read(0);
}

function writeRow(writer: BinaryWriter, types: readonly SqlType[], value: RowDatum): void {
  writer.int32(types.length);
  types.forEach((type, index) => {
    writer.int32(typeOid(type));
    writeField(writer, type, value.fields[index]!);
  });
}

function readRow(reader: BinaryReader, types: readonly SqlType[]): RowDatum {
  if (reader.int32() !== types.length) throw malformed();
  const fields = types.map((type) => {
    const oid = reader.int32();
    const sent = oid === typeOid(type) ? type : typeByOid(oid);
    if (sent === null || sent.kind !== type.kind) throw malformed();
    return readField(reader, type);
  });
  return { fields };
}

function writeField(writer: BinaryWriter, type: SqlType, value: Datum | null): void {
  if (value === null) {
    writer.int32(NULL_LENGTH);
    return;
  }
  const bytes = encodeBinary(type, value);
  writer.int32(bytes.length);
  writer.raw(bytes);
}

function readField(reader: BinaryReader, type: SqlType): Datum | null {
  const length = reader.int32();
  return length === NULL_LENGTH ? null : decodeBinary(type, reader.raw(length));
}

function decodeText(bytes: Uint8Array): string {
  if (bytes.includes(0)) throw new SqlError({ code: SqlState.characterNotInRepertoire, message: 'invalid byte sequence for encoding "UTF8": 0x00' });
  return decodeUtf8(bytes);
}

function malformed(): SqlError {
  return new SqlError({ code: SqlState.invalidBinaryRepresentation, message: 'incorrect binary data format' });
}
