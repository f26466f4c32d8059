import { type Batch, type Column, type FixedColumn, isNull, readDatum } from '../../batch/index.ts';
import type { EdgeColumn } from '../../jobgraph/index.ts';
import type { EncodedRows, Encoder } from '../../spi/index.ts';
import { formatDatum } from '../../types/index.ts';
import { TextWriter } from '../text-writer.ts';
import { TimestampWriter } from '../write-timestamp.ts';
import type { CsvDialect } from './csv-options.ts';

const encoder = new TextEncoder();

/** Rows to CSV records without line ends. */
export class CsvEncoder implements Encoder {
  readonly #columns: readonly EdgeColumn[];
  readonly #dialect: CsvDialect;
  readonly #timestamps = new TimestampWriter(' ');

  constructor(columns: readonly EdgeColumn[], dialect: CsvDialect) {
    this.#columns = columns;
    this.#dialect = dialect;
  }

  encode(batch: Batch): EncodedRows {
    const out = new TextWriter();
    const starts = new Int32Array(batch.rowCount);
    const ends = new Int32Array(batch.rowCount);
    for (let row = 0; row < batch.rowCount; row++) {
      starts[row] = out.length;
      for (let index = 0; index < this.#columns.length; index++) {
        if (index > 0) out.byte(this.#dialect.delimiter);
        this.#writeValue(out, batch.columns[index]!, row);
      }
      ends[row] = out.length;
    }
    return { data: out.finish(), starts, ends };
  }

  #writeValue(out: TextWriter, column: Column, row: number): void {
    if (isNull(column, row)) {
      out.text(this.#dialect.nullLiteral);
      return;
    }
    switch (column.type.kind) {
      case 'int2':
      case 'int4':
      case 'int8':
        out.int64((column as FixedColumn).i32[2 * row]!, (column as FixedColumn).i32[2 * row + 1]!);
        return;
      case 'timestamp':
        this.#timestamps.write(out, (column as FixedColumn).i32[2 * row]!, (column as FixedColumn).i32[2 * row + 1]!);
        return;
      case 'bool':
        out.text((column as FixedColumn).i32[2 * row] === 0 ? 'false' : 'true');
        return;
      case 'text':
      case 'varchar':
        if (column.storage === 'bytes') this.#writeText(out, column.data.subarray(column.starts[row]!, column.ends[row]!));
        return;
      default:
        this.#writeText(out, encoder.encode(formatDatum(column.type, readDatum(column, row)!)));
    }
  }

  /** Quoted where it would be read as something else: a delimiter, a quote, a line end, NULL. */
  #writeText(out: TextWriter, bytes: Uint8Array): void {
    const { delimiter, quote, escapeByte } = this.#dialect;
    const needsQuotes =
      quote >= 0 &&
      (this.#looksNull(bytes) || bytes.some((byte) => byte === delimiter || byte === quote || byte === escapeByte || byte === 0x0a || byte === 0x0d));
    if (!needsQuotes) {
      out.bytes(bytes, 0, bytes.length);
      return;
    }
    out.byte(quote);
    for (const byte of bytes) {
      if (byte === quote || byte === escapeByte) out.byte(escapeByte < 0 ? quote : escapeByte);
      out.byte(byte);
    }
    out.byte(quote);
  }

  #looksNull(bytes: Uint8Array): boolean {
    const literal = this.#dialect.nullLiteral;
    return bytes.length === literal.length && encoder.encode(literal).every((byte, at) => byte === bytes[at]);
  }
}
