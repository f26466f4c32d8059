/**
 * What the world connects to: the PostgreSQL protocol (pgwire) and HTTP (http); or a relay of both to the server that leads (relay).
 *
 * Sees sessions and the cluster's status, no plans and no operators. Sockets are opened here and nowhere below.
 *
 * Start reading at pgwire/index.ts, then http/index.ts, relay/index.ts.
 */
export {
  type CheckpointStatus,
  createHttpServer,
  type HttpServer,
  type HttpServerOptions,
  type JobControl,
  type JobOutcome,
  type JobRequest,
  type MetricFamily,
  type MetricSample,
  type RelationStatus,
  type SqlPart,
  type SqlRequest,
  type SqlService,
  type StatusSource,
  type TaskManagerStatus,
} from './http/index.ts';
export { type ConnectionActivity, createPgServer, type PgServer, type PgServerOptions } from './pgwire/index.ts';
export { Relay, relayedHttp, relayedSql } from './relay/index.ts';
