/**
 * The HTTP side: health, Prometheus metrics, status as JSON.
 *
 * Shows what a StatusSource tells; decides nothing and changes nothing.
 *
 * Laws
 * - Every metric starts with `fsql_`, has its unit in its name and labels from a bounded set.
 * - Loopback only, by address and by Host header, while there is no authentication.
 *
 * Start reading at status-source.ts, then http-server.ts.
 */
export { createHttpServer, type HttpServer, type HttpServerOptions } from './http-server.ts';
export type { CheckpointStatus, MetricFamily, MetricSample, RelationStatus, StatusSource, TaskManagerStatus } from './status-source.ts';
