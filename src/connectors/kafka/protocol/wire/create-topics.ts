import type { ProtocolRequest, ThrottledAnswer } from './protocol-request.ts';

export interface NewTopic {
  readonly topic: string;
  /** Broker default when absent. */
  readonly partitions?: number;
  /** Broker default when absent. */
  readonly replicationFactor?: number;
  /** Topic settings such as "cleanup.policy". */
  readonly config?: Readonly<Record<string, string>>;
}

export interface TopicOutcome extends ThrottledAnswer {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

const api = { key: 19, name: 'CreateTopics', version: 3 } as const;
const BROKER_DEFAULT = -1;

/**
 * CreateTopics Request (Version: 3) => [topics] timeout_ms validate_only
 *   topics => name STRING, num_partitions INT32, replication_factor INT16, [assignments], [configs]
 *     assignments => partition INT32, replicas [INT32]
 *     configs => name STRING, value NULLABLE_STRING
 *   timeout_ms => INT32
 *   validate_only => BOOLEAN
 *
 * CreateTopics Response (Version: 3) => throttle_time_ms [topics]
 *   throttle_time_ms => INT32
 *   topics => name STRING, error_code INT16, error_message NULLABLE_STRING
 */
export function createTopicRequest(topic: NewTopic, timeoutMs: number): ProtocolRequest<TopicOutcome> {
  return {
    api,
    encode(writer) {
      writer.int32(1).string(topic.topic);
      writer.int32(topic.partitions ?? BROKER_DEFAULT).int16(topic.replicationFactor ?? BROKER_DEFAULT);
      writer.int32(0).array(Object.entries(topic.config ?? {}), ([name, value]) => writer.string(name).string(value));
      writer.int32(timeoutMs).boolean(false);
    },
    decode(reader) {
      const throttleTimeMs = reader.int32();
      const outcomes = reader.array(() => {
        reader.string();
        return { errorCode: reader.int16(), errorMessage: reader.nullableString() };
      });
      return { throttleTimeMs, errorCode: outcomes[0]?.errorCode ?? -1, errorMessage: outcomes[0]?.errorMessage ?? null };
    },
  };
}
