import type { IsolationLevel } from '../records/index.ts';
import { isolationLevelByte } from './isolation-level.ts';
import type { ProtocolRequest, ThrottledAnswer } from './protocol-request.ts';

/** Timestamps that stand for the ends of a partition. */
export const OffsetTimestamp = { latest: -1n, earliest: -2n } as const;

export interface ListedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly timestamp: bigint;
  /** -1 when no record is as late as the asked timestamp. */
  readonly offset: bigint;
}

export interface ListOffsetsAnswer extends ThrottledAnswer {
  readonly offsets: readonly ListedOffset[];
}

const api = { key: 2, name: 'ListOffsets', version: 3 } as const;
const CONSUMER_REPLICA_ID = -1;

/**
 * ListOffsets Request (Version: 3) => replica_id isolation_level [topics]
 *   replica_id => INT32
 *   isolation_level => INT8
 *   topics => topic STRING, [partitions]
 *     partitions => partition INT32, timestamp INT64
 *
 * ListOffsets Response (Version: 3) => throttle_time_ms [topics]
 *   throttle_time_ms => INT32
 *   topics => topic STRING, [partitions]
 *     partitions => partition INT32, error_code INT16, timestamp INT64, offset INT64
 */
export function listOffsetsRequest(query: {
  readonly topic: string;
  readonly partitions: readonly number[];
  readonly timestamp: bigint;
  readonly isolation: IsolationLevel;
}): ProtocolRequest<ListOffsetsAnswer> {
  return {
    api,
    encode(writer) {
      writer.int32(CONSUMER_REPLICA_ID).int8(isolationLevelByte(query.isolation)).int32(1).string(query.topic);
      writer.array(query.partitions, (partition) => writer.int32(partition).int64(query.timestamp));
    },
    decode(reader) {
      const throttleTimeMs = reader.int32();
      const topics = reader.array(() => {
        const topic = reader.string();
        return reader.array(() => ({
          topic,
          partition: reader.int32(),
          errorCode: reader.int16(),
          timestamp: reader.int64(),
          offset: reader.int64(),
        }));
      });
      return { throttleTimeMs, offsets: topics.flat() };
    },
  };
}
