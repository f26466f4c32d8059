/**
 * Record batch, magic 2 (Kafka's message format since 0.11; org.apache.kafka.common.record.DefaultRecordBatch):
 *
 *   RecordBatch => base_offset batch_length partition_leader_epoch magic crc attributes last_offset_delta
 *                  base_timestamp max_timestamp producer_id producer_epoch base_sequence records_count [record]
 *     base_offset            => INT64
 *     batch_length           => INT32    bytes after this field
 *     partition_leader_epoch => INT32
 *     magic                  => INT8     2
 *     crc                    => UINT32   CRC-32C of everything after it
 *     attributes             => INT16    bits 0-2 compression, 3 log append time, 4 transactional, 5 control
 *     last_offset_delta      => INT32
 *     base_timestamp         => INT64    milliseconds since the epoch
 *     max_timestamp          => INT64
 *     producer_id            => INT64    -1 without idempotence
 *     producer_epoch         => INT16
 *     base_sequence          => INT32
 *     records_count          => INT32
 *   Record (all of them compressed together) => length attributes timestamp_delta offset_delta key value [header]
 *     length          => VARINT
 *     attributes      => INT8     unused
 *     timestamp_delta => VARLONG
 *     offset_delta    => VARINT
 *     key, value      => VARINT length (-1: null), bytes
 *     headers         => VARINT count, of: key VARINT length and UTF-8, value VARINT length (-1: null) and bytes
 *
 * Offsets, timestamps and lengths are big-endian; VARINT and VARLONG are zig-zag encoded, low seven bits first.
 */
export const BatchPosition = {
  baseOffset: 0,
  batchLength: 8,
  partitionLeaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
  records: 61,
} as const;

/** Bytes of base_offset and batch_length, which batch_length does not count. */
export const BATCH_PREFIX_BYTES = 12;
export const BATCH_HEADER_BYTES = BatchPosition.records;
/** The checksum covers everything from the attributes to the end. */
export const CRC_COVERS_FROM = BatchPosition.attributes;
export const MAGIC_V2 = 2;

export const BatchAttribute = {
  compressionMask: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
} as const;

/** Second INT16 of the key of a control record. */
export const ControlRecordType = { abort: 0, commit: 1 } as const;
