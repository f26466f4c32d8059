import type { ProducerIdentity } from './producer-identity.ts';
import type { ProtocolRequest, ThrottledAnswer } from './protocol-request.ts';

export interface EndTransactionAnswer extends ThrottledAnswer {
  readonly errorCode: number;
}

const api = { key: 26, name: 'EndTxn', version: 1 } as const;

/**
 * EndTxn Request (Version: 1) => transactional_id producer_id producer_epoch committed
 *   transactional_id => STRING
 *   producer_id => INT64
 *   producer_epoch => INT16
 *   committed => BOOLEAN
 *
 * EndTxn Response (Version: 1) => throttle_time_ms error_code
 *   throttle_time_ms => INT32
 *   error_code => INT16
 */
export function endTransactionRequest(producer: ProducerIdentity, outcome: 'commit' | 'abort'): ProtocolRequest<EndTransactionAnswer> {
  return {
    api,
    encode(writer) {
      writer
        .string(producer.transactionalId)
        .int64(producer.producerId)
        .int16(producer.producerEpoch)
        .boolean(outcome === 'commit');
    },
    decode: (reader) => ({ throttleTimeMs: reader.int32(), errorCode: reader.int16() }),
  };
}
