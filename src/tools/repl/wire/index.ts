/**
 * A small client of the PostgreSQL protocol for the terminal: simple queries, COPY, notices, cancel; bytes by pg-protocol.
 *
 * No pooling, no extended protocol, no passwords: the server is on this machine or in this process.
 *
 * Laws
 * - One query at a time; the server is held back while the terminal is slow.
 * - After an error the connection is ready again, unless it is lost.
 *
 * Start reading at server-connection.ts.
 */
export type { ResultColumn, ResultReceiver } from './result-receiver.ts';
export { type Dial, ServerConnection, type TransactionStatus } from './server-connection.ts';
export { ConnectionLostError, ServerError, type ServerMessage, serverMessageText } from './server-error.ts';
