import { type Batch, type BytesColumn, type Column, type FixedColumn, isNull, readDatum } from '../../batch/index.ts';
import type { EdgeColumn } from '../../jobgraph/index.ts';
import type { EncodedRows, Encoder } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { TextWriter } from '../text-writer.ts';
import { TimestampWriter } from '../write-timestamp.ts';
import { datumJson } from './datum-json.ts';
import type { JsonEncodeOptions } from './json-options.ts';

const encoder = new TextEncoder();
const QUOTE = 0x22;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const ZULU = 0x5a;
const NULL = encoder.encode('null');
const TRUE = encoder.encode('true');
const FALSE = encoder.encode('false');

/** Writes a value that is not NULL. */
type ValueWriter = (out: TextWriter, column: Column, row: number) => void;

/** Rows to JSON objects, keys in column order. Numbers keep every digit. Writes values of any type; the twin of the kernel JsonEncoder uses. */
export class JsonRowEncoder implements Encoder {
  /** Comma, key and colon. */
  readonly #keys: readonly Uint8Array[];
  readonly #writers: readonly ValueWriter[];
  readonly #ignoreNulls: boolean;

  constructor(columns: readonly EdgeColumn[], options: JsonEncodeOptions) {
    this.#keys = columns.map(jsonKey);
    this.#writers = columns.map((column) => valueWriter(column.type, options));
    this.#ignoreNulls = options.ignoreNullFields;
  }

  encode(batch: Batch): EncodedRows {
    const out = new TextWriter();
    const starts = new Int32Array(batch.rowCount);
    const ends = new Int32Array(batch.rowCount);
    for (let row = 0; row < batch.rowCount; row++) {
      starts[row] = out.length;
      this.#writeRow(out, batch.columns, row);
      ends[row] = out.length;
    }
    return { data: out.finish(), starts, ends };
  }

  /** The JSON texts of one column alone; those of NULLs are empty. */
  encodeColumn(batch: Batch, index: number): EncodedRows {
    const out = new TextWriter();
    const column = batch.columns[index]!;
    const starts = new Int32Array(batch.rowCount);
    const ends = new Int32Array(batch.rowCount);
    for (let row = 0; row < batch.rowCount; row++) {
      starts[row] = out.length;
      if (!isNull(column, row)) this.#writers[index]!(out, column, row);
      ends[row] = out.length;
    }
    return { data: out.finish(), starts, ends };
  }

  #writeRow(out: TextWriter, columns: readonly Column[], row: number): void {
    out.byte(OPEN);
    let written = 0;
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index]!;
      const missing = isNull(column, row);
      if (missing && this.#ignoreNulls) continue;
      const key = this.#keys[index]!;
      out.bytes(key, written++ > 0 ? 0 : 1, key.length);
      if (missing) out.bytes(NULL, 0, 4);
      else this.#writers[index]!(out, column, row);
    }
    out.byte(CLOSE);
  }
}

/** Comma, quoted key and colon. */
export function jsonKey(column: EdgeColumn): Uint8Array {
  return encoder.encode(`,${JSON.stringify(column.name)}:`);
}

function valueWriter(type: SqlType, options: JsonEncodeOptions): ValueWriter {
  switch (type.kind) {
    case 'bool':
      return (out, column, row) => ((column as FixedColumn).i32[2 * row] === 0 ? out.bytes(FALSE, 0, 5) : out.bytes(TRUE, 0, 4));
    case 'int2':
    case 'int4':
    case 'int8':
      return (out, column, row) => out.int64((column as FixedColumn).i32[2 * row]!, (column as FixedColumn).i32[2 * row + 1]!);
    case 'text':
    case 'varchar':
    case 'char':
    case 'name':
    case 'internal_char':
    case 'unknown':
      return writeString;
    case 'jsonb':
      return (out, column, row) => {
        const { data, starts, ends } = column as BytesColumn;
        out.bytes(data, starts[row]!, ends[row]!);
      };
    case 'timestamp':
    case 'timestamptz':
      return timestampWriter(type.kind === 'timestamptz', options);
    default:
      return (out, column, row) => out.text(datumJson(type, readDatum(column, row), options));
  }
}

function timestampWriter(isInstant: boolean, options: JsonEncodeOptions): ValueWriter {
  const timestamps = new TimestampWriter(options.isoTimestamps ? 'T' : ' ');
  return (out, column, row) => {
    const { i32 } = column as FixedColumn;
    out.byte(QUOTE);
    timestamps.write(out, i32[2 * row]!, i32[2 * row + 1]!);
    if (isInstant) out.byte(ZULU);
    out.byte(QUOTE);
  };
}

function writeString(out: TextWriter, column: Column, row: number): void {
  const { data, starts, ends } = column as BytesColumn;
  out.jsonString(data, starts[row]!, ends[row]!);
}
