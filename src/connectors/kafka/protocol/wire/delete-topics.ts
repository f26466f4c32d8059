import type { TopicOutcome } from './create-topics.ts';
import type { ProtocolRequest } from './protocol-request.ts';

const api = { key: 20, name: 'DeleteTopics', version: 1 } as const;

/**
 * DeleteTopics Request (Version: 1) => [topic_names] timeout_ms
 *   topic_names => STRING
 *   timeout_ms => INT32
 *
 * DeleteTopics Response (Version: 1) => throttle_time_ms [topics]
 *   throttle_time_ms => INT32
 *   topics => name STRING, error_code INT16
 */
export function deleteTopicRequest(topic: string, timeoutMs: number): ProtocolRequest<TopicOutcome> {
  return {
    api,
    encode(writer) {
      writer.int32(1).string(topic).int32(timeoutMs);
    },
    decode(reader) {
      const throttleTimeMs = reader.int32();
      const codes = reader.array(() => {
        reader.string();
        return reader.int16();
      });
      return { throttleTimeMs, errorCode: codes[0] ?? -1, errorMessage: null };
    },
  };
}
