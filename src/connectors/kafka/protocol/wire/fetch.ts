import type { AbortedTransaction, IsolationLevel } from '../records/index.ts';
import { isolationLevelByte } from './isolation-level.ts';
import type { ProtocolRequest, ThrottledAnswer } from './protocol-request.ts';
import type { WireReader } from './wire-reader.ts';

export interface FetchTarget {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface FetchLimits {
  readonly isolation: IsolationLevel;
  readonly waitMsMax: number;
  readonly bytesMin: number;
  readonly bytesMax: number;
  readonly partitionBytesMax: number;
}

export interface FetchPartitionAnswer {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly abortedTransactions: readonly AbortedTransaction[];
  /** A view of the received bytes. */
  readonly records: Uint8Array;
}

export interface FetchAnswer extends ThrottledAnswer {
  readonly errorCode: number;
  readonly partitions: readonly FetchPartitionAnswer[];
}

const api = { key: 1, name: 'Fetch', version: 11 } as const;
const CONSUMER_REPLICA_ID = -1;
/** Without a fetch session every request names all its partitions; the few bytes are cheaper than the session's state. */
const NO_SESSION_ID = 0;
const NO_SESSION_EPOCH = -1;
const UNKNOWN_LEADER_EPOCH = -1;
const UNKNOWN_LOG_START = -1n;

/**
 * Fetch Request (Version: 11) => replica_id max_wait_ms min_bytes max_bytes isolation_level session_id session_epoch [topics]
 *                                [forgotten_topics] rack_id
 *   replica_id, max_wait_ms, min_bytes, max_bytes => INT32
 *   isolation_level => INT8
 *   session_id, session_epoch => INT32
 *   topics => topic STRING, [partitions]
 *     partitions => partition INT32, current_leader_epoch INT32, fetch_offset INT64, log_start_offset INT64, partition_max_bytes INT32
 *   forgotten_topics => topic STRING, [partition INT32]
 *   rack_id => STRING
 *
 * Fetch Response (Version: 11) => throttle_time_ms error_code session_id [responses]
 *   throttle_time_ms => INT32
 *   error_code => INT16
 *   session_id => INT32
 *   responses => topic STRING, [partitions]
 *     partitions => partition INT32, error_code INT16, high_watermark INT64, last_stable_offset INT64, log_start_offset INT64,
 *                   [aborted_transactions], preferred_read_replica INT32, records RECORDS
 *       aborted_transactions => producer_id INT64, first_offset INT64
 */
export function fetchRequest(targets: readonly FetchTarget[], limits: FetchLimits): ProtocolRequest<FetchAnswer> {
  return {
    api,
    encode(writer) {
      writer.int32(CONSUMER_REPLICA_ID).int32(limits.waitMsMax).int32(limits.bytesMin).int32(limits.bytesMax);
      writer.int8(isolationLevelByte(limits.isolation)).int32(NO_SESSION_ID).int32(NO_SESSION_EPOCH);
      writer.array(byTopic(targets), ([topic, partitions]) => {
        writer.string(topic).array(partitions, (target) => {
          writer.int32(target.partition).int32(UNKNOWN_LEADER_EPOCH).offset(target.offset);
          writer.int64(UNKNOWN_LOG_START).int32(limits.partitionBytesMax);
        });
      });
      writer.int32(0).string('');
    },
    decode(reader) {
      const throttleTimeMs = reader.int32();
      const errorCode = reader.int16();
      reader.int32();
      const topics = reader.array(() => {
        const topic = reader.string();
        return reader.array(() => readPartition(reader, topic));
      });
      return { throttleTimeMs, errorCode, partitions: topics.flat() };
    },
  };
}

/** Consecutive targets of one topic share an entry; the order is the caller's, because the broker fills its answer in it. */
function byTopic(targets: readonly FetchTarget[]): [string, FetchTarget[]][] {
  const groups: [string, FetchTarget[]][] = [];
  for (const target of targets) {
    const last = groups.at(-1);
    if (last !== undefined && last[0] === target.topic) last[1].push(target);
    else groups.push([target.topic, [target]]);
  }
  return groups;
}

function readPartition(reader: WireReader, topic: string): FetchPartitionAnswer {
  const head = {
    topic,
    partition: reader.int32(),
    errorCode: reader.int16(),
    highWatermark: reader.offset(),
    lastStableOffset: reader.offset(),
    logStartOffset: reader.offset(),
    abortedTransactions: reader.array(() => ({ producerId: reader.int64(), firstOffset: reader.offset() })),
  };
  // The preferred read replica is meant for consumers that name their rack; we do not.
  reader.int32();
  return { ...head, records: reader.bytes() };
}
