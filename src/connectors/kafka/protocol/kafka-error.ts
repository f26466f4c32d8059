import { SqlError, SqlState } from '../../../base/index.ts';
import { describeErrorCode, ErrorCode, isRetriable } from './wire/index.ts';

/** No connection could be made. Trying again may help. */
export function connectionFailure(address: string, cause: unknown): SqlError {
  return new SqlError({
    code: SqlState.connectionFailure,
    message: `could not connect to Kafka at "${address}": ${connectionCause(cause)}`,
    hint: hintFor(cause),
    class: 'external',
    cause,
  });
}

/** A connection that had been made broke, or a request on it got no answer in time. */
export function connectionLost(address: string, cause: unknown): SqlError {
  return new SqlError({
    code: SqlState.connectionFailure,
    message: `lost the connection to Kafka at "${address}": ${connectionCause(cause)}`,
    class: 'external',
    cause,
  });
}

/** A broker answered with an error code. `subject` says about what: `topic "bids", partition 2`. */
export class KafkaError extends SqlError {
  readonly errorCode: number;

  constructor(fields: { readonly errorCode: number; readonly action: string; readonly subject: string; readonly detail?: string | undefined }) {
    const { errorCode, action, subject } = fields;
    const refusal = refusals[errorCode];
    super({
      code: errorCode === ErrorCode.offsetOutOfRange ? SqlState.offsetOutOfRange : (refusal?.code ?? SqlState.externalSystemError),
      message: `Kafka could not ${action} ${subject}: ${describeErrorCode(errorCode)}`,
      detail: fields.detail,
      hint: refusal?.hint,
      class: refusal === undefined ? 'external' : 'user',
    });
    this.name = 'KafkaError';
    this.errorCode = errorCode;
  }
}

/** What no waiting changes, with what does. */
const refusals: Readonly<Record<number, { readonly code: SqlState; readonly hint: string }>> = {
  [ErrorCode.topicAuthorizationFailed]: {
    code: SqlState.insufficientPrivilege,
    hint: 'The Kafka user needs Read and Describe on a topic that is read, Write and Describe on one that is written.',
  },
  [ErrorCode.clusterAuthorizationFailed]: {
    code: SqlState.insufficientPrivilege,
    hint: 'The Kafka user needs Create on the topic or the cluster, or somebody else has to create the topic.',
  },
  [ErrorCode.transactionalIdAuthorizationFailed]: {
    code: SqlState.insufficientPrivilege,
    hint: "The Kafka user needs Write and Describe on the transactional ids that begin with sink.transactional-id-prefix ('fsql' by default).",
  },
  [ErrorCode.invalidTransactionTimeout]: {
    code: SqlState.invalidParameterValue,
    hint: "properties.transaction.timeout.ms must not be above the broker's transaction.max.timeout.ms (900000 by default).",
  },
};

/** True when the connection, not the request, failed: another broker or a later attempt may answer. */
export function isConnectionFailure(error: unknown): boolean {
  return error instanceof SqlError && (error.code === SqlState.connectionFailure || error.code === SqlState.protocolViolation);
}

/** True when the same request may succeed after a pause, with fresh metadata or on another connection. */
export function mayPass(error: unknown): boolean {
  return isConnectionFailure(error) || (error instanceof KafkaError && isRetriable(error.errorCode));
}

/** A refusal of credentials: trying again cannot help. */
export function authenticationFailure(address: string, cause: unknown): SqlError {
  return new SqlError({
    code: SqlState.invalidPassword,
    message: `Kafka at "${address}" refused the credentials: ${textOf(cause)}`,
    class: 'user',
    cause,
  });
}

/** One line that names the cause in the words of the operating system, without the prefixes of the layers between. */
export function connectionCause(cause: unknown): string {
  const code = codeOf(cause);
  const known = code === undefined ? undefined : systemCauses[code];
  return known ?? textOf(cause).replace(/^Connection error: /, '');
}

const systemCauses: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by the broker',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ENOTFOUND: 'host name not found',
  EAI_AGAIN: 'host name could not be looked up',
  ETIMEDOUT: 'connection timed out',
};

function hintFor(cause: unknown): string | undefined {
  if (codeOf(cause) === 'ECONNREFUSED') return 'Is the broker running, and is properties.bootstrap.servers right?';
  if (/certificate/.test(textOf(cause))) return 'The authority that signed the certificate of the broker is given by properties.ssl.ca.location.';
  return undefined;
}

function codeOf(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
