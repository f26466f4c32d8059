import { type ConnectorDefinition, headersMetadata } from '../../spi/index.ts';
import { byteaType, int4Type, int8Type, textType } from '../../types/index.ts';
import { type KafkaParts, lazyReader, lazyWriter, loadKafka } from './lazy-kafka.ts';
import { deliveryOf, kafkaOptions, settledOptions } from './options.ts';

/**
 * Apache Kafka, both directions: partitions read from explicit offsets, records written at least once or, in ./exactly-once, exactly once.
 * The protocol is in ./protocol; here is only what makes columns of records and records of columns.
 *
 * Laws
 * - Offsets live in the epoch records; no consumer group decides anything.
 * - An offset that does not exist is an error unless the user said otherwise.
 *
 * Start reading at options.ts, kafka-reader.ts, kafka-writer.ts, exactly-once/.
 */
export const kafka: ConnectorDefinition = kafkaConnector({ load: loadKafka });

/** The connector over links of another kind than the network's. */
export function kafkaConnector(parts: KafkaParts): ConnectorDefinition {
  const { load, openLink } = parts;
  return {
    name: 'kafka',
    description: 'Topics of Apache Kafka.',
    options: kafkaOptions,
    metadata: [
      { key: 'partition', type: int4Type, description: 'Partition of the record.' },
      { key: 'offset', type: int8Type, description: 'Offset of the record in its partition.' },
      { key: 'timestamp', type: { kind: 'timestamptz', precision: 3 }, description: "The record's timestamp." },
      { key: 'topic', type: textType, description: 'Topic of the record.' },
      { key: 'key', type: byteaType, description: 'The record key, NULL when it has none.' },
      ...headersMetadata,
    ],
    checkConnection: async (options) => (await load()).checkConnection(options),
    source: {
      needsFormat: true,
      bounded: (options) => (options.get('scan.bounded.mode') ?? 'unbounded') !== 'unbounded',
      listSplits: async (options, context) => (await load()).listSplits(options, context, openLink),
      createReader: (context) => lazyReader(context, parts),
    },
    sink: {
      needsFormat: true,
      acceptsUpdates: 'with-key',
      delivery: deliveryOf,
      oneWriter: (options) => deliveryOf(options) === 'exactly-once',
      settle: settledOptions,
      check: async (options, shape) => (await load()).checkSink(options, shape, openLink),
      createWriter: (context) => lazyWriter(context, parts),
    },
  };
}

/** Flink's name for a compacted topic: the newest value of each key counts, and a key without a value has gone. */
export const upsertKafka: ConnectorDefinition = {
  ...kafka,
  name: 'upsert-kafka',
  description: 'Compacted topics of Apache Kafka: the newest value of each key.',
  changesByKey: true,
};

export { type KafkaModule, loadKafka } from './lazy-kafka.ts';
