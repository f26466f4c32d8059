import { assert, ByteReader, ByteWriter, SqlError, SqlState } from '../../base/index.ts';

/*
 * Plain data as bytes: a tag, then what belongs to it. Numbers little-endian, texts and bytes behind a u32 length.
 *   0 undefined, 1 null, 2 false, 3 true, 4 f64, 5 i32, 6 bigint as decimal text, 7 text, 8 bytes,
 *   9 array: u32 count, values; 10 object: u32 count, (text, value) pairs; 11 map: u32 count, (value, value) pairs; 12 set: u32 count, values
 */
const UNDEFINED = 0;
const NULL = 1;
const FALSE = 2;
const TRUE = 3;
const FLOAT = 4;
const INTEGER = 5;
const BIG = 6;
const TEXT = 7;
const BYTES = 8;
const ARRAY = 9;
const OBJECT = 10;
const MAP = 11;
const SET = 12;

/** Encodes what a structured clone would take, but for shared memory: that stays in its process. */
export function encodePlain(value: unknown): Uint8Array {
  const writer = new ByteWriter(1024);
  write(writer, value);
  return writer.take();
}

/** Errors: 08P01 when the bytes are none of encodePlain's. */
export function decodePlain(bytes: Uint8Array): unknown {
  const reader = new ByteReader(bytes);
  const value = read(reader);
  if (reader.remaining > 0) throw malformed(`${reader.remaining} bytes are left over`);
  return value;
}

function write(writer: ByteWriter, value: unknown): void {
  switch (typeof value) {
    case 'undefined':
      writer.uint8(UNDEFINED);
      break;
    case 'boolean':
      writer.uint8(value ? TRUE : FALSE);
      break;
    case 'number':
      writeNumber(writer, value);
      break;
    case 'bigint':
      writer.uint8(BIG);
      writer.text(value.toString());
      break;
    case 'string':
      writer.uint8(TEXT);
      writer.text(value);
      break;
    default:
      assert(typeof value === 'object', `a ${typeof value} is no plain data`);
      writeObject(writer, value);
  }
}

function writeNumber(writer: ByteWriter, value: number): void {
  if (Object.is(value | 0, value)) {
    writer.uint8(INTEGER);
    writer.int32(value);
  } else {
    writer.uint8(FLOAT);
    writer.float64(value);
  }
}

function writeObject(writer: ByteWriter, value: object | null): void {
  if (value === null) writer.uint8(NULL);
  else if (value instanceof Uint8Array) {
    writer.uint8(BYTES);
    writer.block(value);
  } else if (Array.isArray(value)) {
    writer.uint8(ARRAY);
    writer.uint32(value.length);
    for (const item of value) write(writer, item);
  } else if (value instanceof Set) {
    writer.uint8(SET);
    writer.uint32(value.size);
    for (const item of value) write(writer, item);
  } else if (value instanceof Map) {
    writer.uint8(MAP);
    writer.uint32(value.size);
    for (const [key, item] of value) {
      write(writer, key);
      write(writer, item);
    }
  } else {
    const special = ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer || value instanceof Error;
    assert(!special, `a ${value.constructor.name} is no plain data`);
    const keys = Object.keys(value);
    writer.uint8(OBJECT);
    writer.uint32(keys.length);
    for (const key of keys) {
      writer.text(key);
      write(writer, (value as Readonly<Record<string, unknown>>)[key]);
    }
  }
}

function read(reader: ByteReader): unknown {
  const tag = reader.uint8();
  switch (tag) {
    case UNDEFINED:
      return undefined;
    case NULL:
      return null;
    case FALSE:
      return false;
    case TRUE:
      return true;
    case FLOAT:
      return reader.float64();
    case INTEGER:
      return reader.int32();
    case BIG:
      return readBig(reader.text());
    case TEXT:
      return reader.text();
    case BYTES:
      // A copy of its own: the message's buffer would be kept, and cloned, with every part of it.
      return reader.block().slice();
    case ARRAY:
      return readArray(reader);
    case OBJECT:
      return readObject(reader);
    case MAP:
      return readMap(reader);
    case SET:
      return new Set(readArray(reader));
    default:
      throw malformed(`there is no tag ${tag}`);
  }
}

function readArray(reader: ByteReader): unknown[] {
  const items: unknown[] = [];
  for (let left = readCount(reader); left > 0; left--) items.push(read(reader));
  return items;
}

function readObject(reader: ByteReader): object {
  const object: Record<string, unknown> = {};
  for (let left = readCount(reader); left > 0; left--) {
    const key = reader.text();
    const value = read(reader);
    // An assignment would set the prototype.
    if (key === '__proto__') Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
    else object[key] = value;
  }
  return object;
}

function readMap(reader: ByteReader): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  for (let left = readCount(reader); left > 0; left--) {
    const key = read(reader);
    map.set(key, read(reader));
  }
  return map;
}

/** Every item takes a byte at least, so a count cannot make anybody reserve memory for items that are not there. */
function readCount(reader: ByteReader): number {
  const count = reader.uint32();
  if (count > reader.remaining) throw malformed(`${count} items in ${reader.remaining} bytes`);
  return count;
}

function readBig(text: string): bigint {
  if (!/^-?\d+$/.test(text)) throw malformed('a number without digits');
  return BigInt(text);
}

function malformed(detail: string): SqlError {
  return new SqlError({ code: SqlState.protocolViolation, message: 'a message between processes is malformed', detail, class: 'external' });
}
