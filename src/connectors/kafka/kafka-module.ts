/** What needs the protocol layer and kafkajs: loaded when the first Kafka stream or sink is used, so that everything else starts without them. */

export { checkConnection } from './check-connection.ts';
export { checkSink } from './check-sink.ts';
export { createExactlyOnceWriter } from './exactly-once/index.ts';
export { KafkaReader } from './kafka-reader.ts';
export { KafkaWriter } from './kafka-writer.ts';
export { listSplits } from './list-splits.ts';
