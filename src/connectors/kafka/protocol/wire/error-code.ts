import { createErrorFromCode } from 'kafkajs/src/protocol/error.js';

/** The error codes this client acts on (kafka.apache.org/protocol, "Error Codes"). */
export const ErrorCode = {
  none: 0,
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeaderOrFollower: 6,
  requestTimedOut: 7,
  replicaNotAvailable: 9,
  networkException: 13,
  coordinatorLoadInProgress: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  notEnoughReplicas: 19,
  notEnoughReplicasAfterAppend: 20,
  topicAuthorizationFailed: 29,
  clusterAuthorizationFailed: 31,
  topicAlreadyExists: 36,
  notController: 41,
  outOfOrderSequenceNumber: 45,
  duplicateSequenceNumber: 46,
  invalidProducerEpoch: 47,
  invalidTransactionTimeout: 50,
  concurrentTransactions: 51,
  transactionalIdAuthorizationFailed: 53,
  operationNotAttempted: 55,
  kafkaStorageError: 56,
  unknownProducerId: 59,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 75,
  offsetNotAvailable: 78,
  producerFenced: 90,
} as const;

/** Another broker leads the partition, or will soon: ask for the metadata again and repeat the same request. */
const leadershipCodes: ReadonlySet<number> = new Set([
  ErrorCode.leaderNotAvailable,
  ErrorCode.notLeaderOrFollower,
  ErrorCode.replicaNotAvailable,
  ErrorCode.kafkaStorageError,
  ErrorCode.fencedLeaderEpoch,
  ErrorCode.unknownLeaderEpoch,
  ErrorCode.offsetNotAvailable,
]);

/** The broker is not ready for the request; nothing is wrong with the request. */
const momentaryCodes: ReadonlySet<number> = new Set([
  ErrorCode.requestTimedOut,
  ErrorCode.networkException,
  ErrorCode.coordinatorLoadInProgress,
  ErrorCode.coordinatorNotAvailable,
  ErrorCode.notCoordinator,
  ErrorCode.notEnoughReplicas,
  ErrorCode.notEnoughReplicasAfterAppend,
  ErrorCode.notController,
  ErrorCode.concurrentTransactions,
]);

/** True when the same request, after fresh metadata and a pause, may succeed. */
export function isRetriable(code: number): boolean {
  return leadershipCodes.has(code) || momentaryCodes.has(code);
}

/** "NOT_LEADER_FOR_PARTITION: This server is not …" for messages. */
export function describeErrorCode(code: number): string {
  const error = createErrorFromCode(code);
  return `${error.type}: ${error.message}`;
}
