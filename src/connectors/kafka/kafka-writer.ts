import { SqlError, SqlState, toSqlError } from '../../base/index.ts';
import { Batch, type Epoch, projectBatch } from '../../batch/index.ts';
import type { EncodedRows, Encoder, SinkContext, SinkWriter } from '../../spi/index.ts';
import { propertiesOf, topicOf } from './options.ts';
import {
  connectionOptions,
  IdempotentProducer,
  KafkaConnection,
  KeylessPartitioner,
  type ProducerSettings,
  partitionForKey,
  prepareZstd,
  producerSettings,
  RecordBatchEncoder,
  type RecordSlices,
} from './protocol/index.ts';

/** Bytes on their way above which the sink takes no more rows. */
const PENDING_BYTES_MAX = 16 * 1024 * 1024;
/** Records in a row that go to one partition when there is no key. */
const STICKY_RECORDS = 1000;
/** A batch of one partition is sent when it reaches this, and at the end of every write. */
const BATCH_BYTES = 512 * 1024;
const CONNECT_PAUSE_MS = 1000;
const NOTHING = new Uint8Array(0);

/**
 * Writes rows as records, at least once: a checkpoint waits until all of them are acknowledged, and after a crash the rows since the last one are written
 * again. With a key the columns of the key become the Kafka key, and a row that has gone a tombstone.
 */
export class KafkaWriter implements SinkWriter {
  readonly #context: SinkContext;
  readonly #topic: string;
  readonly #values: Encoder;
  /** Positions of the columns in the value. */
  readonly #valueColumns: readonly number[];
  readonly #keys: Encoder | null;
  /** The format writes a row that has gone; else there is a record without a value. */
  readonly #changes: boolean;
  readonly #settings: ProducerSettings;
  readonly #keyless = new KeylessPartitioner(STICKY_RECORDS);
  readonly #encoders = new Map<number, RecordBatchEncoder>();
  #connection: KafkaConnection | null = null;
  #producer: IdempotentProducer | null = null;
  #partitionCount = 0;
  #pendingBytes = 0;
  #failure: SqlError | null = null;
  #problem: SqlError | null = null;
  #closed = false;

  constructor(context: SinkContext) {
    this.#context = context;
    this.#topic = topicOf(context.options);
    const format = context.options.get('format') ?? 'json';
    this.#changes = context.formats.get(format)?.changelogMode === 'retract';
    const exceptKey = context.key !== null && context.options.get('value.fields-include') === 'EXCEPT_KEY';
    this.#valueColumns = context.columns.map((_, index) => index).filter((index) => !exceptKey || !context.key!.includes(index));
    const valueColumns = this.#valueColumns.map((index) => context.columns[index]!);
    this.#values = createEncoder(context, format, valueColumns);
    const keyColumns = context.key?.map((index) => context.columns[index]!);
    this.#keys = keyColumns === undefined ? null : createEncoder(context, context.options.get('key.format') ?? 'json', keyColumns);
    this.#settings = producerSettings(propertiesOf(context.options));
    void this.#open();
  }

  ready(): boolean {
    if (this.#failure !== null) throw this.#failure;
    return this.#producer !== null && this.#pendingBytes < PENDING_BYTES_MAX;
  }

  problem(): SqlError | null {
    return this.#problem ?? this.#producer?.retryCause ?? null;
  }

  write(_epoch: Epoch, batch: Batch): void {
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
    for (let row = 0; row < batch.rowCount; row++) this.#appendRow(batch, row, { values, keys, slices });
    for (const [partition, encoder] of this.#encoders) if (encoder.recordCount > 0) this.#send(partition, encoder);
  }

  flushed(_epoch: Epoch): boolean {
    if (this.#failure !== null) throw this.#failure;
    return this.#pendingBytes === 0;
  }

  prepare(): null {
    return null;
  }

  async commit(): Promise<void> {
    // At least once: what was acknowledged before the checkpoint is all there is to it.
  }

  async recover(): Promise<void> {
    // Rows since the last checkpoint are written again by the replay.
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#producer?.close();
    this.#connection?.close();
  }

  #appendRow(
    batch: Batch,
    row: number,
    encoded: { readonly values: EncodedRows; readonly keys: EncodedRows | null; readonly slices: RecordSlices },
  ): void {
    const { values, keys, slices } = encoded;
    const weight = batch.weights === null ? 1 : batch.weights[row]!;
    const gone = weight < 0 && !this.#changes;
    slices.valueStart = gone ? -1 : values.starts[row]!;
    slices.valueEnd = gone ? -1 : values.ends[row]!;
    if (keys !== null) {
      slices.keyData = keys.data;
      slices.keyStart = keys.starts[row]!;
      slices.keyEnd = keys.ends[row]!;
    }
    const copies = this.#changes ? Math.abs(weight) : keys === null ? weight : 1;
    for (let copy = 0; copy < copies; copy++) {
      const partition =
        keys === null
          ? this.#keyless.next(this.#partitionCount)
          : partitionForKey(keys.data.subarray(keys.starts[row]!, keys.ends[row]!), this.#partitionCount);
      const encoder = this.#encoderOf(partition);
      encoder.appendSlices(slices);
      if (encoder.byteLength >= BATCH_BYTES) this.#send(partition, encoder);
    }
  }

  #encoderOf(partition: number): RecordBatchEncoder {
    let encoder = this.#encoders.get(partition);
    if (encoder === undefined) {
      encoder = new RecordBatchEncoder(this.#settings.compression);
      this.#encoders.set(partition, encoder);
    }
    return encoder;
  }

  #send(partition: number, encoder: RecordBatchEncoder): void {
    const batch = encoder.take();
    const { length } = batch.bytes;
    this.#pendingBytes += length;
    this.#producer!.send(this.#topic, partition, batch).then(
      () => {
        this.#pendingBytes -= length;
        this.#context.wake();
      },
      (error: unknown) => {
        this.#failure ??= toSqlError(error);
        this.#context.wake();
      },
    );
  }

  /** Record timestamps are the time of writing: brokers forget producers whose records look old (kafka.md). */
  #nowMs(): number {
    return Number(this.#context.clock.nowMicros() / 1000n);
  }

  async #open(attempt = 1): Promise<void> {
    try {
      if (this.#settings.compression === 'zstd') await prepareZstd();
      const connection = await KafkaConnection.open(connectionOptions(propertiesOf(this.#context.options)), this.#context.clock);
      this.#connection = connection;
      this.#partitionCount = (await connection.partitionsOf(this.#topic)).length;
      this.#producer = await IdempotentProducer.open(connection, this.#settings);
      this.#problem = null;
      if (attempt > 1) this.#context.logger.log('info', 'the sink has reached Kafka', { topic: this.#topic, attempts: attempt });
      if (this.#closed) await this.close();
    } catch (error) {
      const problem = toSqlError(error);
      if (problem.class !== 'external') this.#failure = problem;
      else if (!this.#closed) {
        if (attempt === 1)
          this.#context.logger.log('warn', 'the sink cannot reach Kafka and tries again', { topic: this.#topic, error: problem.message });
        this.#problem = problem;
        this.#connection?.close();
        this.#connection = null;
        this.#context.clock.after(CONNECT_PAUSE_MS, () => void this.#open(attempt + 1));
      }
    }
    this.#context.wake();
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
