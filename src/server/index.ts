/**
 * What the world connects to: the PostgreSQL protocol (pgwire) and HTTP (http).
 *
 * Sees sessions and the cluster's status, no plans and no operators. Sockets are opened here and nowhere below.
 *
 * Start reading at pgwire/index.ts, then http/index.ts.
 */
export {
  type CheckpointStatus,
  createHttpServer,
  type HttpServer,
  type HttpServerOptions,
  type MetricFamily,
  type MetricSample,
  type RelationStatus,
  type StatusSource,
  type TaskManagerStatus,
} from './http/index.ts';
export { type ConnectionActivity, createPgServer, type PgServer, type PgServerOptions } from './pgwire/index.ts';
