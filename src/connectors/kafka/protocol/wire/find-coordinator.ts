import type { ProtocolRequest, ThrottledAnswer } from './protocol-request.ts';

export interface FindCoordinatorAnswer extends ThrottledAnswer {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly nodeId: number;
}

const api = { key: 10, name: 'FindCoordinator', version: 2 } as const;
const TRANSACTION = 1;

/**
 * The broker that keeps the transactions of a transactional id.
 *
 * FindCoordinator Request (Version: 2) => key key_type
 *   key => STRING
 *   key_type => INT8
 *
 * FindCoordinator Response (Version: 2) => throttle_time_ms error_code error_message node_id host port
 *   throttle_time_ms => INT32
 *   error_code => INT16
 *   error_message => NULLABLE_STRING
 *   node_id => INT32
 *   host => STRING
 *   port => INT32
 */
export function findCoordinatorRequest(transactionalId: string): ProtocolRequest<FindCoordinatorAnswer> {
  return {
    api,
    encode(writer) {
      writer.string(transactionalId).int8(TRANSACTION);
    },
    decode(reader) {
      const answer = {
        throttleTimeMs: reader.int32(),
        errorCode: reader.int16(),
        errorMessage: reader.nullableString(),
        nodeId: reader.int32(),
      };
      reader.string();
      reader.int32();
      return answer;
    },
  };
}
