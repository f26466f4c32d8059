/**
 * Kafka's request and answer types, each at one fixed version, with the protocol's own grammar beside its code.
 *
 * Bytes in, bytes out: no sockets, no retries, no caches (see ../broker-link.ts and ../kafka-connection.ts).
 *
 * Laws
 * - One file a request; the comment is the grammar of kafka.apache.org/protocol at that version.
 * - Reading past the end of an answer is an error, never undefined.
 *
 * Start reading at protocol-request.ts, then metadata.ts.
 */
export { type AddPartitionsAnswer, addPartitionsToTransactionRequest, type TopicPartition } from './add-partitions-to-transaction.ts';
export { createTopicRequest, type NewTopic, type TopicOutcome } from './create-topics.ts';
export { deleteTopicRequest } from './delete-topics.ts';
export { type EndTransactionAnswer, endTransactionRequest } from './end-transaction.ts';
export { describeErrorCode, ErrorCode, isRetriable } from './error-code.ts';
export { type FetchAnswer, type FetchLimits, type FetchPartitionAnswer, type FetchTarget, fetchRequest } from './fetch.ts';
export { type FindCoordinatorAnswer, findCoordinatorRequest } from './find-coordinator.ts';
export { type InitProducerIdAnswer, initProducerIdRequest } from './init-producer-id.ts';
export { type ListedOffset, type ListOffsetsAnswer, listOffsetsRequest, OffsetTimestamp } from './list-offsets.ts';
export { type BrokerAddress, type MetadataAnswer, metadataRequest, type PartitionMetadata, type TopicMetadata } from './metadata.ts';
export { type ProduceAnswer, type ProduceBatch, produceRequest } from './produce.ts';
export type { ProducerIdentity } from './producer-identity.ts';
export type { Api, ProtocolRequest, ThrottledAnswer } from './protocol-request.ts';
export { WireReader } from './wire-reader.ts';
export { WireWriter } from './wire-writer.ts';
