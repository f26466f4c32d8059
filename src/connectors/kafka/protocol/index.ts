/**
 * The Kafka protocol as fsql needs it: connect, look up, fetch partitions from explicit offsets, write idempotently or in transactions.
 *
 * Knows topics, partitions, offsets and bytes; nothing of SQL, columns of a relation, batches or epochs (that is the connector
 * above). kafkajs 2.2.4 carries the bytes (TCP, TLS, SASL, correlation, one broker at a time: broker-link.ts); requests, record
 * batches, routing and retries are ours, because its decoder costs ten times as much, checks no checksum and shows aborted rows.
 *
 * Laws
 * - Offsets are explicit and never reset: an offset that does not exist is an event for the reader.
 * - A record is delivered once and in order per partition, whatever happens to connections and leaders.
 * - Every wait has a limit with a name or a visible cause (`retryCause`); every error is a SqlError of class external or user.
 * - A connection is used by one fetcher at most, since a long poll holds up whatever is asked behind it.
 *
 * Start reading at kafka-connection.ts, then partition-fetcher.ts, records/, idempotent-producer.ts and transactional-producer.ts.
 */
export type { Link, OpenLink } from './broker-link.ts';
export { readCommittedRecords } from './committed-records.ts';
export { type ConnectionOptions, connectionOptions, type SaslOptions, type ServerAddress } from './connection-options.ts';
export type { AssignedOffset, FetchEvent, PartitionPosition } from './fetch-event.ts';
export { IdempotentProducer, type ProducerOptions } from './idempotent-producer.ts';
export { KafkaConnection, type OffsetPosition } from './kafka-connection.ts';
export { KafkaError } from './kafka-error.ts';
export { type FetcherOptions, PartitionFetcher } from './partition-fetcher.ts';
export type { Properties } from './property-value.ts';
export {
  type BatchPlace,
  type Compression,
  DamagedBatchError,
  type EncodedBatch,
  type FetchedPartition,
  type IsolationLevel,
  KeylessPartitioner,
  partitionForKey,
  prepareZstd,
  RecordBatchEncoder,
  RecordBatchReader,
  RecordColumns,
  type RecordHeader,
  type RecordSlices,
  readHeaders,
} from './records/index.ts';
export { TransactionalProducer } from './transactional-producer.ts';
export { fetcherOptions, type ProducerSettings, producerSettings } from './transfer-options.ts';
export { ErrorCode, type NewTopic, type TopicPartition } from './wire/index.ts';
