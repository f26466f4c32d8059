import { SqlError, SqlState } from '../base/index.ts';
import { type SqlType, storageKind } from '../types/index.ts';
import { Batch } from './batch.ts';
import { BytesColumn, type Column, FixedColumn } from './column.ts';
import { RangeCopier, rangesLength } from './copy-bytes.ts';

/*
 * Layout, little endian, every section padded to 8 bytes:
 *   u32 total bytes, u32 rows, u32 columns, u32 flags (bit 0: weights present), u32 bytes of the schema, u32 zero
 *   schema: JSON of the column types
 *   per column: u32 flags (bit 0: valid present), u32 bytes of data (0 for fixed storage)
 *   weights (i32 a row), if present
 *   per column: valid (a byte a row), if present; then fixed: slots; bytes: i32 offsets (rows + 1), data
 * Types travel inside, so that a state file or a frame can be read without knowing who wrote it; both sides keep parsed schemas, so it
 * costs a map lookup a batch. Only the text a batch refers to travels. Checksums belong to whoever stores or sends the bytes.
 */
const HEADER_BYTES = 24;
const FLAG_WEIGHTS = 1;
const FLAG_VALID = 1;
const SCHEMAS_KEPT = 256;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const schemaOfText = new Map<string, readonly SqlType[]>();
const textOfType = new WeakMap<SqlType, string>();

/** Bytes encodeBatch would produce; a multiple of 8. */
export function encodedSize(batch: Batch): number {
  const { rowCount } = batch;
  let size = HEADER_BYTES + pad8(schemaBytes(batch).length) + pad8(batch.columns.length * 8);
  if (batch.weights !== null) size += pad8(rowCount * 4);
  for (const column of batch.columns) {
    if (column.valid !== null) size += pad8(rowCount);
    if (column.storage !== 'bytes') size += rowCount * 8;
    else size += pad8((rowCount + 1) * 4) + pad8(rangesLength(column.starts, column.ends, rowCount));
  }
  return size;
}

export function encodeBatch(batch: Batch): Uint8Array {
  const target = new Uint8Array(encodedSize(batch));
  writeBatchTo(batch, target, 0);
  return target;
}

/**
 * Writes the encoded batch at `offset` (a multiple of 8, room for encodedSize bytes; shared memory is fine) and returns the bytes written.
 */
export function writeBatchTo(batch: Batch, target: Uint8Array, offset: number): number {
  const { rowCount, columns } = batch;
  const schema = schemaBytes(batch);
  const view = new DataView(target.buffer, target.byteOffset + offset);
  let at = HEADER_BYTES;
  target.set(schema, offset + at);
  at += pad8(schema.length);
  const descriptors = at;
  at += pad8(columns.length * 8);
  if (batch.weights !== null) {
    target.set(bytesOf(batch.weights, rowCount * 4), offset + at);
    at += pad8(rowCount * 4);
  }
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index]!;
    view.setUint32(descriptors + index * 8, column.valid === null ? 0 : FLAG_VALID, true);
    if (column.valid !== null) {
      target.set(column.valid.subarray(0, rowCount), offset + at);
      at += pad8(rowCount);
    }
    if (column.storage !== 'bytes') {
      view.setUint32(descriptors + index * 8 + 4, 0, true);
      target.set(bytesOf(column.f64, rowCount * 8), offset + at);
      at += rowCount * 8;
      continue;
    }
    const data = at + pad8((rowCount + 1) * 4);
    const offsets = new Int32Array(target.buffer, target.byteOffset + offset + at, rowCount + 1);
    new RangeCopier(column.data, target).copyAll({ starts: column.starts, ends: column.ends, rowCount }, offset + data, offsets);
    view.setUint32(descriptors + index * 8 + 4, offsets[rowCount]!, true);
    at = data + pad8(offsets[rowCount]!);
  }
  view.setUint32(0, at, true);
  view.setUint32(4, rowCount, true);
  view.setUint32(8, columns.length, true);
  view.setUint32(12, batch.weights === null ? 0 : FLAG_WEIGHTS, true);
  view.setUint32(16, schema.length, true);
  view.setUint32(20, 0, true);
  return at;
}

/**
 * Reads an encoded batch. The columns are views of `bytes` when it starts at a multiple of 8 (else of a copy), so the bytes must
 * not be written afterwards. Throws XX001 when the sizes inside do not fit the bytes.
 */
export function decodeBatch(bytes: Uint8Array): Batch {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
  return new BatchReader(aligned).read();
}

/** Reads a batch out of a ring whose memory will be reused: everything is copied first. `offset` as given to writeBatchTo. */
export function readBatchFrom(source: Uint8Array, offset: number): Batch {
  if (offset + HEADER_BYTES > source.length) throw damaged('header');
  const size = new DataView(source.buffer, source.byteOffset + offset, 4).getUint32(0, true);
  if (offset + size > source.length) throw damaged('total size');
  const copy = new Uint8Array(size);
  copy.set(source.subarray(offset, offset + size));
  return new BatchReader(copy).read();
}

class BatchReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = HEADER_BYTES;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  read(): Batch {
    if (this.#bytes.length < HEADER_BYTES || this.#view.getUint32(0, true) > this.#bytes.length) throw damaged('header');
    const rowCount = this.#view.getUint32(4, true);
    const columnCount = this.#view.getUint32(8, true);
    const hasWeights = (this.#view.getUint32(12, true) & FLAG_WEIGHTS) !== 0;
    const types = parseSchema(this.#take(this.#view.getUint32(16, true), 'schema'));
    if (types.length !== columnCount) throw damaged('schema');
    const descriptors = this.#at;
    this.#take(columnCount * 8, 'descriptors');
    const weights = hasWeights ? this.#int32(rowCount, 'weights') : null;
    const columns: Column[] = [];
    for (let index = 0; index < columnCount; index++) columns.push(this.#column(types[index]!, rowCount, descriptors + index * 8));
    return new Batch(rowCount, columns, weights);
  }

  #column(type: SqlType, rowCount: number, descriptor: number): Column {
    const hasValid = (this.#view.getUint32(descriptor, true) & FLAG_VALID) !== 0;
    const valid = hasValid ? this.#take(rowCount, 'validity') : null;
    if (storageKind(type) !== 'bytes') {
      const slots = this.#take(rowCount * 8, 'slots');
      return new FixedColumn(type, new Float64Array(slots.buffer, slots.byteOffset, rowCount), valid);
    }
    const offsets = this.#int32(rowCount + 1, 'offsets');
    const data = this.#take(this.#view.getUint32(descriptor + 4, true), 'text');
    if (offsets[0] !== 0 || offsets[rowCount] !== data.length) throw damaged('offsets');
    return new BytesColumn(type, { data, starts: offsets.subarray(0, rowCount), ends: offsets.subarray(1), valid });
  }

  #int32(count: number, what: string): Int32Array {
    const bytes = this.#take(count * 4, what);
    return new Int32Array(bytes.buffer, bytes.byteOffset, count);
  }

  #take(size: number, what: string): Uint8Array {
    const at = this.#at;
    if (at + size > this.#bytes.length) throw damaged(what);
    this.#at = at + pad8(size);
    return this.#bytes.subarray(at, at + size);
  }
}

function schemaBytes(batch: Batch): Uint8Array {
  let text = '[';
  for (const column of batch.columns) {
    let typeText = textOfType.get(column.type);
    if (typeText === undefined) {
      typeText = JSON.stringify(column.type);
      textOfType.set(column.type, typeText);
    }
    text += text === '[' ? typeText : `,${typeText}`;
  }
  return encoder.encode(`${text}]`);
}

function parseSchema(bytes: Uint8Array): readonly SqlType[] {
  const text = decoder.decode(bytes);
  const known = schemaOfText.get(text);
  if (known !== undefined) return known;
  try {
    const types = JSON.parse(text) as SqlType[];
    if (schemaOfText.size >= SCHEMAS_KEPT) schemaOfText.clear();
    schemaOfText.set(text, types);
    return types;
  } catch {
    throw damaged('schema');
  }
}

function bytesOf(array: Int32Array | Float64Array, byteLength: number): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, byteLength);
}

function pad8(size: number): number {
  return (size + 7) & ~7;
}

function damaged(what: string): SqlError {
  return new SqlError({ code: SqlState.dataCorrupted, message: `encoded batch is damaged: ${what} does not fit` });
}
