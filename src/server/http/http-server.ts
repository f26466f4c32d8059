import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Logger, SqlError, SqlState, silentLogger } from '../../base/index.ts';
import { isLoopback, listenError, refuseOpenAddress } from '../listen-address.ts';
import { EXPOSITION_TYPE, writeExposition } from './exposition.ts';
import { checkpointView, jobView, relationView, taskManagerView } from './json-view.ts';
import { collectMetrics } from './metrics.ts';
import type { StatusSource } from './status-source.ts';

export interface HttpServerOptions {
  /** A loopback address or name: nothing else is served while there is no authentication. */
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly status: StatusSource;
  readonly logger?: Logger;
}

export interface HttpServer {
  /** Resolves when requests are accepted; rejects with a SqlError that says what to do. */
  listen(): Promise<{ readonly host: string; readonly port: number }>;
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 1024 * 1024;

/** Health, metrics and status over HTTP (interface.md, 5). Fastify is loaded here and not before: most commands never need it. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  refuseOpenAddress(options.host);
  const { default: fastify } = await import('fastify');
  const app = fastify({ logger: false, bodyLimit: BODY_BYTES_MAX, forceCloseConnections: true });
  guardHost(app);
  answerErrors(app, options.logger ?? silentLogger);
  healthRoutes(app, options.status);
  apiRoutes(app, options.status);
  return {
    listen: async () => {
      const { host, port } = options;
      try {
        await app.listen({ host, port });
      } catch (error) {
        throw listenError(error as NodeJS.ErrnoException, { host, port, option: '--http-port' });
      }
      const address = app.server.address();
      return { host, port: address !== null && typeof address === 'object' ? address.port : port };
    },
    close: () => app.close(),
  };
}

/** A page of another site must not reach this server through a name that it points at 127.0.0.1. */
function guardHost(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (isLoopback(request.hostname.replace(/^\[|\]$/g, ''))) return;
    await sendError(reply, 403, new SqlError({ code: SqlState.insufficientPrivilege, message: `host "${request.hostname}" is not served` }));
  });
}

function answerErrors(app: FastifyInstance, logger: Logger): void {
  app.setNotFoundHandler((request, reply) =>
    sendError(reply, 404, new SqlError({ code: SqlState.undefinedObject, message: `there is nothing at ${request.method} ${request.url}` })),
  );
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) logger.log('error', 'a request failed', { url: request.url, cause: error.message });
    const code = status >= 500 ? SqlState.internalError : SqlState.invalidParameterValue;
    return sendError(reply, status, new SqlError({ code, message: error.message }));
  });
}

function healthRoutes(app: FastifyInstance, status: StatusSource): void {
  app.get('/health/live', async () => ({ status: 'live' }));
  app.get('/health/ready', async (_, reply) => {
    const reason = status.notReadyReason();
    if (reason === null) return { status: 'ready' };
    return reply.code(503).send({ status: 'not ready', reason });
  });
  app.get('/metrics', async (_, reply) => reply.type(EXPOSITION_TYPE).send(writeExposition(collectMetrics(status))));
}

function apiRoutes(app: FastifyInstance, status: StatusSource): void {
  app.get('/api/v1/jobs', async () => ({ jobs: status.jobs().map(jobView) }));
  app.get<{ Params: { id: string } }>('/api/v1/jobs/:id', async (request, reply) => {
    const job = status.jobs().find((candidate) => candidate.jobId === request.params.id);
    return job === undefined ? unknownJob(reply, request.params.id) : jobView(job);
  });
  app.get<{ Params: { id: string } }>('/api/v1/jobs/:id/graph', async (request, reply) => {
    const graph = status.jobGraph(request.params.id);
    return graph === null ? unknownJob(reply, request.params.id) : graph;
  });
  app.get('/api/v1/checkpoints', async () => ({ checkpoints: status.checkpoints().map(checkpointView) }));
  app.get('/api/v1/task-managers', async () => ({ task_managers: status.taskManagers().map(taskManagerView) }));
  app.get('/api/v1/relations', async () => ({ relations: status.relations().map(relationView) }));
}

function unknownJob(reply: FastifyReply, id: string): Promise<FastifyReply> {
  return sendError(reply, 404, new SqlError({ code: SqlState.undefinedObject, message: `job "${id}" does not exist` }));
}

async function sendError(reply: FastifyReply, status: number, error: SqlError): Promise<FastifyReply> {
  return reply.code(status).send({ error: { sqlstate: error.code, message: error.message, hint: error.hint ?? null } });
}
