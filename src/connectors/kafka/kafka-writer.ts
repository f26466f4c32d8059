import { type SqlError, toSqlError } from '../../base/index.ts';
import type { Batch, Epoch } from '../../batch/index.ts';
import type { SinkContext, SinkWriter } from '../../spi/index.ts';
import { deliveryOf, propertiesOf, topicOf } from './options.ts';
import {
  connectionOptions,
  IdempotentProducer,
  KafkaConnection,
  type OpenLink,
  type ProducerSettings,
  prepareZstd,
  producerSettings,
} from './protocol/index.ts';
import { type PartitionBatch, RowRecords } from './row-records.ts';

/** Bytes on their way above which the sink takes no more rows. */
const PENDING_BYTES_MAX = 16 * 1024 * 1024;
const CONNECT_PAUSE_MS = 1000;

/**
 * Writes rows as records at once. At least once: a checkpoint waits until all of them are acknowledged, and after a crash the rows since the last one are
 * written again. With delivery `none` nothing waits, and what is on its way in a crash may be lost, too.
 */
export class KafkaWriter implements SinkWriter {
  readonly #context: SinkContext;
  readonly #openLink: OpenLink | undefined;
  readonly #topic: string;
  readonly #settings: ProducerSettings;
  readonly #records: RowRecords;
  readonly #waits: boolean;
  #connection: KafkaConnection | null = null;
  #producer: IdempotentProducer | null = null;
  #partitionCount = 0;
  #pendingBytes = 0;
  #failure: SqlError | null = null;
  #problem: SqlError | null = null;
  #closed = false;

  constructor(context: SinkContext, openLink?: OpenLink) {
    this.#context = context;
    this.#openLink = openLink;
    this.#topic = topicOf(context.options);
    this.#settings = producerSettings(propertiesOf(context.options));
    this.#records = new RowRecords(context, this.#settings.compression);
    this.#waits = deliveryOf(context.options) !== 'none';
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
    const send = (one: PartitionBatch): void => this.#send(one);
    this.#records.append(batch, this.#partitionCount, send);
    this.#records.flush(send);
  }

  flushed(_epoch: Epoch): boolean {
    if (this.#failure !== null) throw this.#failure;
    return !this.#waits || this.#pendingBytes === 0;
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

  #send({ partition, batch: { bytes, recordCount } }: PartitionBatch): void {
    const { length } = bytes;
    this.#pendingBytes += length;
    this.#producer!.send(this.#topic, partition, { bytes: bytes.slice(), recordCount }).then(
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

  async #open(attempt = 1): Promise<void> {
    try {
      if (this.#settings.compression === 'zstd') await prepareZstd();
      const connection = await KafkaConnection.open(connectionOptions(propertiesOf(this.#context.options)), this.#context.clock, this.#openLink);
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
