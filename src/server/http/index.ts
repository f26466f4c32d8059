/**
 * The HTTP side: health, Prometheus metrics, status as JSON, control of jobs, statements.
 *
 * Shows what a StatusSource tells and hands on what a JobControl or a SqlService is to do; decides nothing itself.
 *
 * Laws
 * - Every metric starts with `fsql_`, has its unit in its name and labels from a bounded set.
 * - Loopback only, by address and by Host header, while there is no authentication; what changes something takes JSON only, and not from pages of other origins.
 *
 * Start reading at status-source.ts, then http-server.ts.
 */
export { createHttpServer, type HttpServer, type HttpServerOptions } from './http-server.ts';
export type { JobControl, JobOutcome, JobRequest } from './job-control.ts';
export type { SqlPart, SqlRequest, SqlService } from './sql-service.ts';
export type { CheckpointStatus, MetricFamily, MetricSample, RelationStatus, StatusSource, TaskManagerStatus } from './status-source.ts';
