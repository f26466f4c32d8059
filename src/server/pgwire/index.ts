/**
 * The PostgreSQL wire protocol, version 3.0, server side: start-up, simple and extended queries, COPY, cancel, time limits.
 *
 * Knows bytes, sockets and flow control; a statement's meaning, its transaction and its rows are the session's (../../session/contract.ts).
 *
 * Laws
 * - A connection handles one message at a time and in order; answers leave in the same order.
 * - Memory of a connection is bounded: a few chunks of 1 MB of rows, 1 MB of unread messages (or the one long message itself).
 * - Whatever bytes arrive, the process lives on: a wrong message is an error of that message, a wrong length ends that connection.
 * - Only whole messages leave.
 *
 * Start reading at message-code.ts, then connection.ts, statement-runner.ts and row-encoder.ts.
 * Reference: PostgreSQL 18 documentation, chapter "Frontend/Backend Protocol".
 */
export type { ConnectionActivity } from './connection.ts';
export { fatalResponse } from './fatal-response.ts';
export { createPgServer, type PgServer, type PgServerOptions } from './pg-server.ts';
