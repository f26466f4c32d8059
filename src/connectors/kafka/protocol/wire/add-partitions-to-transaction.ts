import type { ProducerIdentity } from './producer-identity.ts';
import type { ProtocolRequest, ThrottledAnswer } from './protocol-request.ts';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface AddPartitionsAnswer extends ThrottledAnswer {
  readonly results: readonly (TopicPartition & { readonly errorCode: number })[];
}

const api = { key: 24, name: 'AddPartitionsToTxn', version: 1 } as const;

/**
 * Begins a transaction or widens it; adding a partition again changes nothing.
 *
 * AddPartitionsToTxn Request (Version: 1) => transactional_id producer_id producer_epoch [topics]
 *   transactional_id => STRING
 *   producer_id => INT64
 *   producer_epoch => INT16
 *   topics => name STRING, [partitions INT32]
 *
 * AddPartitionsToTxn Response (Version: 1) => throttle_time_ms [results]
 *   throttle_time_ms => INT32
 *   results => name STRING, [partitions]
 *     partitions => partition_index INT32, partition_error_code INT16
 */
export function addPartitionsToTransactionRequest(
  producer: ProducerIdentity,
  partitions: readonly TopicPartition[],
): ProtocolRequest<AddPartitionsAnswer> {
  return {
    api,
    encode(writer) {
      writer.string(producer.transactionalId).int64(producer.producerId).int16(producer.producerEpoch);
      const topics = [...new Set(partitions.map(({ topic }) => topic))];
      writer.array(topics, (topic) => {
        const own = partitions.filter((one) => one.topic === topic);
        writer.string(topic).array(own, ({ partition }) => writer.int32(partition));
      });
    },
    decode(reader) {
      const throttleTimeMs = reader.int32();
      const topics = reader.array(() => {
        const topic = reader.string();
        return reader.array(() => ({ topic, partition: reader.int32(), errorCode: reader.int16() }));
      });
      return { throttleTimeMs, results: topics.flat() };
    },
  };
}
