import type { ProtocolRequest, ThrottledAnswer } from './protocol-request.ts';
import type { WireReader } from './wire-reader.ts';

export interface BrokerAddress {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

export interface PartitionMetadata {
  readonly errorCode: number;
  readonly partition: number;
  /** Node id of the leader; -1 while there is none. */
  readonly leader: number;
  readonly replicaCount: number;
}

export interface TopicMetadata {
  readonly errorCode: number;
  readonly topic: string;
  readonly internal: boolean;
  readonly partitions: readonly PartitionMetadata[];
}

export interface MetadataAnswer extends ThrottledAnswer {
  readonly brokers: readonly BrokerAddress[];
  readonly clusterId: string | null;
  readonly controllerId: number;
  readonly topics: readonly TopicMetadata[];
}

const api = { key: 3, name: 'Metadata', version: 6 } as const;

/**
 * Metadata Request (Version: 6) => [topics] allow_auto_topic_creation
 *   topics => STRING                      a null array asks for every topic
 *   allow_auto_topic_creation => BOOLEAN
 *
 * Metadata Response (Version: 6) => throttle_time_ms [brokers] cluster_id controller_id [topics]
 *   throttle_time_ms => INT32
 *   brokers => node_id INT32, host STRING, port INT32, rack NULLABLE_STRING
 *   cluster_id => NULLABLE_STRING
 *   controller_id => INT32
 *   topics => error_code INT16, name STRING, is_internal BOOLEAN, [partitions]
 *     partitions => error_code INT16, partition INT32, leader INT32, replicas [INT32], isr [INT32], offline_replicas [INT32]
 */
export function metadataRequest(topics: readonly string[] | 'all'): ProtocolRequest<MetadataAnswer> {
  return {
    api,
    encode(writer) {
      if (topics === 'all') writer.int32(-1);
      else writer.array(topics, (topic) => writer.string(topic));
      // A mistyped topic name must never create a topic.
      writer.boolean(false);
    },
    decode: (reader) => ({
      throttleTimeMs: reader.int32(),
      brokers: reader.array(() => readBroker(reader)),
      clusterId: reader.nullableString(),
      controllerId: reader.int32(),
      topics: reader.array(() => readTopic(reader)),
    }),
  };
}

function readBroker(reader: WireReader): BrokerAddress {
  const broker = { nodeId: reader.int32(), host: reader.string(), port: reader.int32() };
  reader.nullableString();
  return broker;
}

function readTopic(reader: WireReader): TopicMetadata {
  return {
    errorCode: reader.int16(),
    topic: reader.string(),
    internal: reader.boolean(),
    partitions: reader.array(() => readPartition(reader)),
  };
}

function readPartition(reader: WireReader): PartitionMetadata {
  const partition = { errorCode: reader.int16(), partition: reader.int32(), leader: reader.int32() };
  const replicaCount = reader.array(() => reader.int32()).length;
  for (let list = 0; list < 2; list++) reader.array(() => reader.int32());
  return { ...partition, replicaCount };
}
