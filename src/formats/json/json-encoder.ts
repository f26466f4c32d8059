import { type Batch, type BytesColumn, type FixedColumn, type JsonRowValues, JsonRowWriter, type JsonValueKind } from '../../batch/index.ts';
import type { EdgeColumn } from '../../jobgraph/index.ts';
import type { EncodedRows, Encoder } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import type { JsonEncodeOptions } from './json-options.ts';
import { JsonRowEncoder, jsonKey } from './json-row-encoder.ts';

/** Smaller batches are written row by row: copying them in and out would cost more than the kernel saves. */
const KERNEL_ROWS_MIN = 256;

/** As JsonRowEncoder, with large batches written by the kernel. Values of types it does not know are written one by one first. */
export class JsonEncoder implements Encoder {
  readonly #rows: JsonRowEncoder;
  readonly #columns: readonly EdgeColumn[];
  readonly #options: JsonEncodeOptions;
  #writer: JsonRowWriter | null = null;

  constructor(columns: readonly EdgeColumn[], options: JsonEncodeOptions) {
    this.#rows = new JsonRowEncoder(columns, options);
    this.#columns = columns;
    this.#options = options;
  }

  encode(batch: Batch): EncodedRows {
    if (batch.rowCount < KERNEL_ROWS_MIN) return this.#rows.encode(batch);
    this.#writer ??= this.#createWriter();
    const values = batch.columns.map((column, index): JsonRowValues => {
      if (kindOf(column.type) !== null) return column as FixedColumn | BytesColumn;
      return { ...this.#rows.encodeColumn(batch, index), valid: column.valid };
    });
    return this.#writer.write(values, batch.rowCount) ?? this.#rows.encode(batch);
  }

  #createWriter(): JsonRowWriter {
    return new JsonRowWriter(
      this.#columns.map((column) => ({ key: jsonKey(column), kind: kindOf(column.type) ?? 'raw' })),
      { ignoreNulls: this.#options.ignoreNullFields, timestampSeparator: this.#options.isoTimestamps ? 'T' : ' ' },
    );
  }
}

/** Null for types the kernel does not know. */
function kindOf(type: SqlType): JsonValueKind | null {
  switch (type.kind) {
    case 'bool':
    case 'timestamp':
    case 'timestamptz':
      return type.kind;
    case 'int2':
    case 'int4':
    case 'int8':
      return 'integer';
    case 'text':
    case 'varchar':
    case 'char':
    case 'name':
    case 'internal_char':
    case 'unknown':
      return 'text';
    case 'jsonb':
      return 'raw';
    default:
      return null;
  }
}
