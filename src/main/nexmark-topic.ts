import { systemClock } from '../base/adapters/system-clock.ts';
import { connectionOptions, IdempotentProducer, KafkaConnection, RecordBatchEncoder } from '../connectors/kafka/protocol/index.ts';

const RECORDS_A_BATCH = 1000;
const BYTES_IN_FLIGHT = 8_000_000;
const MICROS_A_MILLI = 1000n;

export interface NexmarkTopic {
  /** Options of a source that reads it to its end. */
  readonly source: Readonly<Record<string, string>>;
  /** Deletes it. */
  close(): Promise<void>;
}

/** Makes a topic with the events, written some at a time to its partitions in turn, so that event time advances alike in all of them. */
export async function openNexmarkTopic(wanted: {
  readonly bootstrapServers: string;
  readonly partitions: number;
  /** The events, a JSON text each. */
  readonly lines: Iterable<string> | AsyncIterable<string>;
}): Promise<NexmarkTopic> {
  const topic = `fsql-nexmark-${process.pid}`;
  const connection = await KafkaConnection.open(connectionOptions({ 'bootstrap.servers': wanted.bootstrapServers }), systemClock);
  const close = async (): Promise<void> => {
    await connection.deleteTopic(topic);
    await connection.close();
  };
  try {
    await connection.createTopic({ topic, partitions: wanted.partitions });
    await fillTopic(connection, { ...wanted, topic });
  } catch (error) {
    await close();
    throw error;
  }
  const bounded = { 'scan.startup.mode': 'earliest-offset', 'scan.bounded.mode': 'latest-offset' };
  return { source: { connector: 'kafka', topic, 'properties.bootstrap.servers': wanted.bootstrapServers, ...bounded }, close };
}

async function fillTopic(
  connection: KafkaConnection,
  { topic, partitions, lines }: { readonly topic: string; readonly partitions: number; readonly lines: Iterable<string> | AsyncIterable<string> },
): Promise<void> {
  const producer = await IdempotentProducer.open(connection);
  const encoder = new RecordBatchEncoder();
  // The broker removes what is a week old by this time.
  const timestampMs = Number(systemClock.nowMicros() / MICROS_A_MILLI);
  let partition = 0;
  const send = async (): Promise<void> => {
    void producer.send(topic, partition, encoder.take());
    partition = (partition + 1) % partitions;
    await producer.drained(BYTES_IN_FLIGHT);
  };
  for await (const line of lines) {
    encoder.append({ key: null, value: Buffer.from(line), timestampMs });
    if (encoder.recordCount === RECORDS_A_BATCH) await send();
  }
  if (encoder.recordCount > 0) await send();
  await producer.flush();
  producer.close();
}
