/**
 * Clients of a front end: their bytes go to the JobManager that leads, and back.
 *
 * Knows as much of each protocol as it takes to open a connection, to refuse one, and to end one between two messages. Sessions live with the JobManager:
 * when another one leads, they end with 57P01, and new ones go there.
 *
 * Start reading at relay.ts, then relayed-sql.ts.
 */
export { Relay } from './relay.ts';
export { relayedHttp } from './relayed-http.ts';
export { relayedSql } from './relayed-sql.ts';
