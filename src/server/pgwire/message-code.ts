/**
 * Type bytes and numbers of the PostgreSQL frontend/backend protocol, version 3.0 (PostgreSQL documentation, "Message Formats").
 *
 *   message          = type:byte1 length:int32 payload          ; length counts itself and the payload, not the type
 *   start-up packet  = length:int32 code:int32 payload          ; no type byte: the first packet of a connection
 */
export const FrontendCode = {
  bind: 0x42, // B
  close: 0x43, // C
  copyData: 0x64, // d
  copyDone: 0x63, // c
  copyFail: 0x66, // f
  describe: 0x44, // D
  execute: 0x45, // E
  flush: 0x48, // H
  functionCall: 0x46, // F
  parse: 0x50, // P
  password: 0x70, // p
  query: 0x51, // Q
  sync: 0x53, // S
  terminate: 0x58, // X
} as const;

export const BackendCode = {
  authentication: 0x52, // R
  backendKeyData: 0x4b, // K
  bindComplete: 0x32, // 2
  closeComplete: 0x33, // 3
  commandComplete: 0x43, // C
  copyData: 0x64, // d
  copyDone: 0x63, // c
  copyInResponse: 0x47, // G
  copyOutResponse: 0x48, // H
  dataRow: 0x44, // D
  emptyQueryResponse: 0x49, // I
  errorResponse: 0x45, // E
  negotiateProtocolVersion: 0x76, // v
  noData: 0x6e, // n
  noticeResponse: 0x4e, // N
  parameterDescription: 0x74, // t
  parameterStatus: 0x53, // S
  parseComplete: 0x31, // 1
  portalSuspended: 0x73, // s
  readyForQuery: 0x5a, // Z
  rowDescription: 0x54, // T
} as const;

/** Codes in the place of a protocol version in the first packet. */
export const StartupCode = {
  protocol3: 196608,
  cancelRequest: 80877102,
  sslRequest: 80877103,
  gssEncryptionRequest: 80877104,
} as const;

/** PostgreSQL's MAX_STARTUP_PACKET_LENGTH. */
export const STARTUP_PACKET_BYTES_MAX = 10_000;
/** Longest Query, Parse, Bind or CopyData; PostgreSQL allows 1 GB less one byte, we keep far below what one process can hold. */
export const LARGE_MESSAGE_BYTES_MAX = 256 * 1024 * 1024;
/** Longest message of every other kind (PostgreSQL's PQ_SMALL_MESSAGE_LIMIT). */
export const SMALL_MESSAGE_BYTES_MAX = 10_000;
