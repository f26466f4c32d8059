import { ByteReader, ByteWriter, SqlError, SqlState } from '../base/index.ts';
import type { ArrayDatum, Datum, Decimal, Interval, MapDatum, RowDatum } from './datum.ts';
import { INFINITY_DECIMAL, NAN_DECIMAL, NEGATIVE_INFINITY_DECIMAL } from './numeric/index.ts';
import { type SqlType, storageKind } from './sql-type.ts';
import { isNestedArray } from './text/array-text.ts';
import { uuidFromBytes, uuidToBytes } from './text/bytea-text.ts';
import { decodeUtf8, encodeUtf8 } from './text/utf8.ts';
import { innermostElement } from './type-name.ts';

/*
 * The `bytes` storage of columns, state and keys. All integers little endian.
 *   numeric   uint16 scale (0 to 16383) or 0xC000 NaN, 0xD000 Infinity, 0xF000 -Infinity; mantissa in two's complement, as few bytes as
 *             hold it (none for 0)
 *   interval  int64 micros, int32 days, int32 months
 *   uuid      its 16 bytes
 *   array     uint32 count, then elements; row: uint32 count, then fields
 *   map       uint32 count, then key and value of each pair as elements, keys ascending
 *   element   uint8 presence (0 NULL, 1 value, 2 nested array), and for present ones uint32 length and the bytes; of types stored in
 *             fixed slots 8 bytes: int64 or double
 * Everything else is its UTF-8 text, bytea itself.
 */

const NUMERIC_NAN = 0xc000;
const NUMERIC_INFINITY = 0xd000;
const NUMERIC_NEGATIVE_INFINITY = 0xf000;
const ABSENT = 0;
const PRESENT = 1;
const NESTED = 2;

/** Bytes of a value of a type with `bytes` storage. */
export function datumToBytes(type: SqlType, datum: Datum): Uint8Array {
  switch (type.kind) {
    case 'bytea':
      return datum as Uint8Array;
    case 'uuid':
      return uuidToBytes(datum as string);
    case 'numeric':
      return decimalToBytes(datum as Decimal);
    case 'interval':
      return intervalToBytes(datum as Interval);
    case 'array': {
      const writer = new ByteWriter(64);
      writeArray(writer, innermostElement(type), datum as ArrayDatum);
      return writer.take();
    }
    case 'row': {
      const writer = new ByteWriter(64);
      const { fields } = datum as RowDatum;
      writer.uint32(fields.length);
      for (let i = 0; i < fields.length; i++) writeElement(writer, type.fields[i]!.type, fields[i]!);
      return writer.take();
    }
    case 'map': {
      const writer = new ByteWriter(64);
      const { keys, values } = datum as MapDatum;
      writer.uint32(keys.length);
      for (let i = 0; i < keys.length; i++) {
        writeElement(writer, type.key, keys[i]!);
        writeElement(writer, type.value, values[i]!);
      }
      return writer.take();
    }
    default:
      return encodeUtf8(datum as string);
  }
}

/** Kinds of bytes storage that are no text. */
const binaryKinds: ReadonlySet<string> = new Set(['bytea', 'uuid', 'numeric', 'interval', 'array', 'row', 'map']);

/** Whether datumToBytes gives the UTF-8 of a string, so that the string can be stored without bytes of its own. */
export function isStoredAsUtf8(type: SqlType): boolean {
  return storageKind(type) === 'bytes' && !binaryKinds.has(type.kind);
}

/** The value in data[start, end). Damaged bytes are XX001. */
export function bytesToDatum(type: SqlType, data: Uint8Array, start: number, end: number): Datum {
  switch (type.kind) {
    case 'bytea':
      return data.slice(start, end);
    case 'uuid':
      checkLength(16, end - start);
      return uuidFromBytes(data, start);
    case 'numeric':
      return decimalFromBytes(data, start, end);
    case 'interval':
      checkLength(16, end - start);
      return intervalFromBytes(data, start);
    case 'array':
      return readArray(new ByteReader(data.subarray(start, end)), innermostElement(type));
    case 'row': {
      const reader = new ByteReader(data.subarray(start, end));
      checkLength(type.fields.length, reader.uint32());
      return { fields: type.fields.map((field) => readElement(reader, field.type)) };
    }
    case 'map':
      return readMap(new ByteReader(data.subarray(start, end)), type);
    default:
      return decodeUtf8(data, start, end);
  }
}

/** The value as an 8-byte slot of a column with fixed storage: int64 bits or a double. */
function datumToSlot(type: SqlType, datum: Datum): bigint | number {
  if (storageKind(type) === 'float') return datum as number;
  return typeof datum === 'bigint' ? datum : BigInt(datum as number | boolean);
}

/** The value of an int64 slot, in the datum form of the type. */
function slotToDatum(type: SqlType, slot: bigint): Datum {
  switch (type.kind) {
    case 'bool':
      return slot !== 0n;
    case 'int8':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return slot;
    default:
      return Number(slot);
  }
}

function decimalToBytes(value: Decimal): Uint8Array {
  if (value.special !== undefined) {
    const flag = value.special === 'NaN' ? NUMERIC_NAN : value.special === 'Infinity' ? NUMERIC_INFINITY : NUMERIC_NEGATIVE_INFINITY;
    return Uint8Array.of(flag & 0xff, flag >> 8);
  }
  const length = signedByteCount(value.mantissa);
  const bytes = new Uint8Array(2 + length);
  bytes[0] = value.scale & 0xff;
  bytes[1] = value.scale >> 8;
  let rest = value.mantissa;
  for (let at = 2; at < bytes.length; at += 4) {
    // Four bytes at a time: shifts of bigints allocate.
    const word = Number(BigInt.asUintN(32, rest));
    bytes[at] = word & 0xff;
    if (at + 1 < bytes.length) bytes[at + 1] = (word >>> 8) & 0xff;
    if (at + 2 < bytes.length) bytes[at + 2] = (word >>> 16) & 0xff;
    if (at + 3 < bytes.length) bytes[at + 3] = word >>> 24;
    rest >>= 32n;
  }
  return bytes;
}

function decimalFromBytes(data: Uint8Array, start: number, end: number): Decimal {
  if (end - start < 2) throw damagedError();
  const head = data[start]! | (data[start + 1]! << 8);
  if (head >= NUMERIC_NAN) return head === NUMERIC_NAN ? NAN_DECIMAL : head === NUMERIC_INFINITY ? INFINITY_DECIMAL : NEGATIVE_INFINITY_DECIMAL;
  return { mantissa: readSigned(data, start + 2, end), scale: head };
}

function intervalToBytes(value: Interval): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, value.micros, true);
  view.setInt32(8, value.days, true);
  view.setInt32(12, value.months, true);
  return bytes;
}

function intervalFromBytes(data: Uint8Array, start: number): Interval {
  const view = new DataView(data.buffer, data.byteOffset + start, 16);
  return { micros: view.getBigInt64(0, true), days: view.getInt32(8, true), months: view.getInt32(12, true) };
}

function writeArray(writer: ByteWriter, element: SqlType, value: ArrayDatum): void {
  writer.uint32(value.elements.length);
  for (const item of value.elements) {
    if (isNestedArray(item)) {
      const nested = new ByteWriter(64);
      writeArray(nested, element, item);
      writer.uint8(NESTED);
      writer.block(nested.bytes());
    } else writeElement(writer, element, item);
  }
}

function writeElement(writer: ByteWriter, type: SqlType, value: Datum | null): void {
  if (value === null) {
    writer.uint8(ABSENT);
    return;
  }
  writer.uint8(PRESENT);
  switch (storageKind(type)) {
    case 'int':
      writer.uint32(8);
      writer.int64(datumToSlot(type, value) as bigint);
      break;
    case 'float':
      writer.uint32(8);
      writer.float64(value as number);
      break;
    case 'bytes':
      writer.block(datumToBytes(type, value));
      break;
  }
}

function readArray(reader: ByteReader, element: SqlType): ArrayDatum {
  const count = reader.uint32();
  if (count > reader.remaining) throw damagedError();
  const elements: (Datum | null)[] = [];
  for (let i = 0; i < count; i++) elements.push(readElement(reader, element));
  return { elements };
}

function readMap(reader: ByteReader, type: Extract<SqlType, { kind: 'map' }>): MapDatum {
  const count = reader.uint32();
  if (count > reader.remaining) throw damagedError();
  const keys: Datum[] = [];
  const values: (Datum | null)[] = [];
  for (let i = 0; i < count; i++) {
    const key = readElement(reader, type.key);
    if (key === null) throw damagedError();
    keys.push(key);
    values.push(readElement(reader, type.value));
  }
  return { keys, values };
}

function readElement(reader: ByteReader, type: SqlType): Datum | null {
  const presence = reader.uint8();
  if (presence === ABSENT) return null;
  const block = reader.block();
  if (presence === NESTED) return readArray(new ByteReader(block), type);
  switch (storageKind(type)) {
    case 'int':
      return slotToDatum(type, new ByteReader(block).int64());
    case 'float':
      return new ByteReader(block).float64();
    case 'bytes':
      return bytesToDatum(type, block, 0, block.length);
  }
}

function signedByteCount(value: bigint): number {
  if (value === 0n) return 0;
  if (value >= -0x80n && value <= 0x7fn) return 1;
  // The bits of a positive number and one for the sign; -2^k needs no more than 2^k - 1.
  const bits = (value < 0n ? -value - 1n : value).toString(2).length;
  return (bits >> 3) + 1;
}

function readSigned(data: Uint8Array, start: number, end: number): bigint {
  const length = end - start;
  if (length === 0) return 0n;
  if (length <= 6) {
    let value = 0;
    for (let at = end - 1; at >= start; at--) value = value * 256 + data[at]!;
    return BigInt(data[end - 1]! >= 0x80 ? value - 256 ** length : value);
  }
  let value = 0n;
  for (let at = end - 1; at >= start; at--) value = (value << 8n) | BigInt(data[at]!);
  return BigInt.asIntN(length * 8, value);
}

function checkLength(expected: number, actual: number): void {
  if (expected !== actual) throw damagedError();
}

function damagedError(): SqlError {
  return new SqlError({ code: SqlState.dataCorrupted, message: 'encoded value is damaged' });
}
