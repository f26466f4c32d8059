import type { ProtocolRequest, ThrottledAnswer } from './protocol-request.ts';

export interface InitProducerIdAnswer extends ThrottledAnswer {
  readonly errorCode: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

const api = { key: 22, name: 'InitProducerId', version: 1 } as const;

/**
 * InitProducerId Request (Version: 1) => transactional_id transaction_timeout_ms
 *   transactional_id => NULLABLE_STRING
 *   transaction_timeout_ms => INT32
 *
 * InitProducerId Response (Version: 1) => throttle_time_ms error_code producer_id producer_epoch
 *   throttle_time_ms => INT32
 *   error_code => INT16
 *   producer_id => INT64
 *   producer_epoch => INT16
 */
export function initProducerIdRequest(options: {
  readonly transactionalId: string | null;
  readonly transactionTimeoutMs: number;
}): ProtocolRequest<InitProducerIdAnswer> {
  return {
    api,
    encode(writer) {
      writer.string(options.transactionalId).int32(options.transactionTimeoutMs);
    },
    decode: (reader) => ({
      throttleTimeMs: reader.int32(),
      errorCode: reader.int16(),
      producerId: reader.int64(),
      producerEpoch: reader.int16(),
    }),
  };
}
