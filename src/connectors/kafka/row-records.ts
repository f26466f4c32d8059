import { SqlError, SqlState } from '../../base/index.ts';
import { Batch, projectBatch } from '../../batch/index.ts';
import {
  type EncodedRows,
  type Encoder,
  headersColumn,
  headersOfRow,
  RecordPartitions,
  recordCopies,
  type SinkContext,
  timestampColumn,
  timestampMsOf,
  valueColumns,
} from '../../spi/index.ts';
import type { Compression, EncodedBatch } from './protocol/index.ts';
import { KeylessPartitioner, partitionForKey, RecordBatchEncoder, type RecordSlices } from './protocol/index.ts';

/** Records in a row that go to one partition when there is no key. */
const STICKY_RECORDS = 1000;
/** A batch of one partition is complete when it reaches this. */
const BATCH_BYTES = 512 * 1024;
const NOTHING = new Uint8Array(0);

/** A record batch and the partition it is for. What `RowRecords` completes is overwritten by later rows: who keeps it copies it. */
export interface PartitionBatch {
  readonly partition: number;
  readonly batch: EncodedBatch;
}

/**
 * Rows of a sink as record batches of partitions. With a key the columns of the key become the Kafka key, and a row that has gone a tombstone, unless the format
 * writes it.
 */
export class RowRecords {
  readonly #context: SinkContext;
  readonly #values: Encoder;
  /** Positions of the columns in the value. */
  readonly #valueColumns: readonly number[];
  readonly #timestampColumn: number | null;
  readonly #headersColumn: number | null;
  readonly #keys: Encoder | null;
  /** The format writes a row that has gone; else there is a record without a value. */
  readonly #changes: boolean;
  readonly #compression: Compression;
  readonly #keyless = new KeylessPartitioner(STICKY_RECORDS);
  readonly #partitions: RecordPartitions;
  readonly #encoders = new Map<number, RecordBatchEncoder>();

  constructor(context: SinkContext, compression: Compression) {
    this.#context = context;
    this.#partitions = new RecordPartitions(context);
    this.#compression = compression;
    const format = context.options.get('format') ?? 'json';
    this.#changes = context.formats.get(format)?.changelogMode === 'retract';
    this.#timestampColumn = timestampColumn(context.options, context.columns);
    this.#headersColumn = headersColumn(context.options, context.columns);
    this.#valueColumns = valueColumns(context);
    const inValue = this.#valueColumns.map((index) => context.columns[index]!);
    this.#values = createEncoder(context, format, inValue);
    const keyColumns = context.key?.map((index) => context.columns[index]!);
    this.#keys = keyColumns === undefined ? null : createEncoder(context, context.options.get('key.format') ?? 'json', keyColumns);
  }

  /** Bytes of batches that are not complete. */
  get openBytes(): number {
    let bytes = 0;
    for (const encoder of this.#encoders.values()) if (encoder.recordCount > 0) bytes += encoder.byteLength;
    return bytes;
  }

  /** Adds the rows, for a topic of so many partitions; batches that become complete go to `complete`. */
  append(batch: Batch, partitionCount: number, complete: (batch: PartitionBatch) => void): void {
    const columns = projectBatch(batch, this.#valueColumns);
    const values = this.#values.encode(this.#changes ? columns : withoutWeights(columns));
    const keys = this.#keys === null ? null : this.#keys.encode(withoutWeights(projectBatch(batch, this.#context.key!)));
    const slices: RecordSlices = {
      keyData: NOTHING,
      keyStart: -1,
      keyEnd: -1,
      valueData: values.data,
      valueStart: 0,
      valueEnd: 0,
      timestampMs: this.#nowMs(),
    };
    const time = { column: this.#timestampColumn, otherwise: slices.timestampMs };
    for (let row = 0; row < batch.rowCount; row++) {
      slices.timestampMs = timestampMsOf(batch, row, time);
      if (this.#headersColumn !== null) slices.headers = headersOfRow(batch, row, this.#headersColumn);
      this.#appendRow(batch, row, { values, keys, slices, partitionCount, complete });
    }
  }

  /** Completes every batch that has records. */
  flush(complete: (batch: PartitionBatch) => void): void {
    for (const [partition, encoder] of this.#encoders) if (encoder.recordCount > 0) complete({ partition, batch: encoder.lend() });
  }

  #appendRow(
    batch: Batch,
    row: number,
    target: {
      readonly values: EncodedRows;
      readonly keys: EncodedRows | null;
      readonly slices: RecordSlices;
      readonly partitionCount: number;
      readonly complete: (batch: PartitionBatch) => void;
    },
  ): void {
    const { values, keys, slices, partitionCount, complete } = target;
    const weight = batch.weights === null ? 1 : batch.weights[row]!;
    const gone = weight < 0 && !this.#changes;
    slices.valueStart = gone ? -1 : values.starts[row]!;
    slices.valueEnd = gone ? -1 : values.ends[row]!;
    if (keys !== null) {
      slices.keyData = keys.data;
      slices.keyStart = keys.starts[row]!;
      slices.keyEnd = keys.ends[row]!;
    }
    const copies = recordCopies(weight, this.#context, this.#changes);
    for (let copy = 0; copy < copies; copy++) {
      const said = this.#partitions.next(batch, row, partitionCount);
      const partition = said < 0 ? this.#byKey(keys, row, partitionCount) : said;
      const encoder = this.#encoderOf(partition);
      encoder.appendSlices(slices);
      if (encoder.byteLength >= BATCH_BYTES) complete({ partition, batch: encoder.lend() });
    }
  }

  #byKey(keys: EncodedRows | null, row: number, partitionCount: number): number {
    if (keys === null) return this.#keyless.next(partitionCount);
    return partitionForKey(keys.data.subarray(keys.starts[row]!, keys.ends[row]!), partitionCount);
  }

  #encoderOf(partition: number): RecordBatchEncoder {
    let encoder = this.#encoders.get(partition);
    if (encoder === undefined) {
      encoder = new RecordBatchEncoder(this.#compression);
      this.#encoders.set(partition, encoder);
    }
    return encoder;
  }

  /**
   * Record timestamps are the time of writing unless a column says otherwise: brokers forget a producer whose records look old
   * (producer.id.expiration.ms counts from the newest record's timestamp).
   */
  #nowMs(): number {
    return Number(this.#context.clock.nowMicros() / 1000n);
  }
}

function createEncoder(context: SinkContext, name: string, columns: SinkContext['columns']): Encoder {
  const format = context.formats.get(name);
  if (format === undefined) throw new SqlError({ code: SqlState.undefinedObject, message: `format "${name}" does not exist` });
  return format.createEncoder(columns, context.options);
}

/** Encoders write values; what a weight means is decided record by record. */
function withoutWeights(batch: Batch): Batch {
  return batch.weights === null ? batch : new Batch(batch.rowCount, batch.columns);
}
