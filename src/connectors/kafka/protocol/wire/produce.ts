import type { ProtocolRequest, ThrottledAnswer } from './protocol-request.ts';

export interface ProduceBatch {
  readonly topic: string;
  readonly partition: number;
  /** A stamped record batch. */
  readonly bytes: Uint8Array;
}

export interface ProduceAnswer extends ThrottledAnswer {
  readonly errorCode: number;
  /** Offset of the first record; -1 when the broker does not say. */
  readonly baseOffset: bigint;
}

const api = { key: 0, name: 'Produce', version: 7 } as const;
/** Every in-sync replica has to confirm: nothing less can be called written. */
const ACKS_ALL = -1;

/**
 * Produce Request (Version: 7) => transactional_id acks timeout [topics]
 *   transactional_id => NULLABLE_STRING
 *   acks => INT16
 *   timeout => INT32
 *   topics => topic STRING, [partitions]
 *     partitions => partition INT32, records RECORDS
 *
 * Produce Response (Version: 7) => [topics] throttle_time_ms
 *   topics => topic STRING, [partitions]
 *     partitions => partition INT32, error_code INT16, base_offset INT64, log_append_time INT64, log_start_offset INT64
 *   throttle_time_ms => INT32
 *
 * One batch a request: a retry then concerns exactly one place in one partition's sequence.
 */
export function produceRequest(
  batch: ProduceBatch,
  options: { readonly transactionalId: string | null; readonly timeoutMs: number },
): ProtocolRequest<ProduceAnswer> {
  return {
    api,
    encode(writer) {
      writer.string(options.transactionalId).int16(ACKS_ALL).int32(options.timeoutMs);
      writer.int32(1).string(batch.topic).int32(1).int32(batch.partition).bytes(batch.bytes);
    },
    decode(reader) {
      const topics = reader.array(() => {
        reader.string();
        return reader.array(() => {
          reader.int32();
          const answer = { errorCode: reader.int16(), baseOffset: reader.int64() };
          reader.int64();
          reader.int64();
          return answer;
        });
      });
      const answer = topics[0]?.[0];
      return { errorCode: answer?.errorCode ?? -1, baseOffset: answer?.baseOffset ?? -1n, throttleTimeMs: reader.int32() };
    },
  };
}
