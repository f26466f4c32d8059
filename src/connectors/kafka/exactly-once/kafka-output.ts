import type { Clock, SqlError } from '../../../base/index.ts';
import { propertiesOf, topicOf } from '../options.ts';
import {
  connectionOptions,
  KafkaConnection,
  type OpenLink,
  type ProducerSettings,
  prepareZstd,
  producerSettings,
  RecordBatchEncoder,
  readCommittedRecords,
  TransactionalProducer,
} from '../protocol/index.ts';
import type { PartitionBatch } from '../row-records.ts';
import type { MarkedOutput, OutputSession } from './marked-output.ts';
import { decodeMarker, encodeMarker, firstMarker, type Marker } from './marker.ts';
import { openMarkerTopic } from './marker-topic.ts';
import type { SinkNames } from './sink-names.ts';

/** Bytes on their way to the broker at a time. */
const PENDING_BYTES_MAX = 16 * 1024 * 1024;
const MARKER_PARTITION = 0;

interface OutputParts {
  readonly clock: Clock;
  readonly openLink?: OpenLink | undefined;
}

/**
 * A topic written in transactions of one transactional id, with the markers in a topic of the sink's own: in a topic shared with another sink, that one's open
 * transaction would hide our committed marker.
 */
export class KafkaOutput implements MarkedOutput {
  readonly #options: ReadonlyMap<string, string>;
  readonly #names: SinkNames;
  readonly #parts: OutputParts;
  readonly #settings: ProducerSettings;

  constructor(options: ReadonlyMap<string, string>, names: SinkNames, parts: OutputParts) {
    this.#options = options;
    this.#names = names;
    this.#parts = parts;
    this.#settings = producerSettings(propertiesOf(options));
  }

  async open(): Promise<OutputSession> {
    if (this.#settings.compression === 'zstd') await prepareZstd();
    const connection = await KafkaConnection.open(connectionOptions(propertiesOf(this.#options)), this.#parts.clock, this.#parts.openLink);
    try {
      return await this.#openSession(connection);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async #openSession(connection: KafkaConnection): Promise<OutputSession> {
    const { transactionalId, markerTopic, sink } = this.#names;
    const { transactionTimeoutMs } = this.#settings;
    const topic = topicOf(this.#options);
    const partitionCount = (await connection.partitionsOf(topic)).length;
    await openMarkerTopic(connection, { markerTopic, like: topic });
    // First this: it settles what the last producer has left, so that the marker read afterwards is the last one.
    const producer = await TransactionalProducer.open(connection, { ...this.#settings, transactionalId, transactionTimeoutMs });
    let newest: Uint8Array | null = null;
    await readCommittedRecords(connection, { topic: markerTopic, partition: MARKER_PARTITION, limitMs: 2 * transactionTimeoutMs }, (_key, value) => {
      newest = value?.slice() ?? null;
    });
    const marker = newest === null ? firstMarker(sink) : decodeMarker(newest);
    return new KafkaSession({ connection, producer, marker, partitionCount, topic, markerTopic });
  }
}

interface SessionParts {
  readonly connection: KafkaConnection;
  readonly producer: TransactionalProducer;
  readonly marker: Marker;
  readonly partitionCount: number;
  readonly topic: string;
  readonly markerTopic: string;
}

class KafkaSession implements OutputSession {
  readonly #parts: SessionParts;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  get marker(): Marker {
    return this.#parts.marker;
  }

  get partitionCount(): number {
    return this.#parts.partitionCount;
  }

  get retryCause(): SqlError | undefined {
    return this.#parts.producer.retryCause;
  }

  async commit(batches: readonly PartitionBatch[], marker: Marker): Promise<void> {
    const { producer, topic, markerTopic } = this.#parts;
    const written = [...new Set(batches.map(({ partition }) => partition))].map((partition) => ({ topic, partition }));
    await producer.begin([...written, { topic: markerTopic, partition: MARKER_PARTITION }]);
    for (const { partition, batch } of batches) {
      producer.send(topic, partition, batch);
      await producer.drained(PENDING_BYTES_MAX);
    }
    producer.send(markerTopic, MARKER_PARTITION, this.#markerBatch(marker));
    await producer.end('commit');
  }

  close(): void {
    this.#parts.producer.close();
    void this.#parts.connection.close();
  }

  #markerBatch(marker: Marker) {
    const encoder = new RecordBatchEncoder();
    const timestampMs = Number(this.#parts.connection.clock.nowMicros() / 1000n);
    encoder.append({ key: new TextEncoder().encode(marker.sink), value: encodeMarker(marker), timestampMs });
    return encoder.take();
  }
}
