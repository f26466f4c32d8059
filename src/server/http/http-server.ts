import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Logger, SqlError, SqlState, silentLogger } from '../../base/index.ts';
import { isLoopback, listenError, refuseOpenAddress } from '../listen-address.ts';
import { EXPOSITION_TYPE, writeExposition } from './exposition.ts';
import { httpStatusOf, type JobControl } from './job-control.ts';
import { jobRoutes } from './job-routes.ts';
import { checkpointView, errorView, relationView, taskManagerView } from './json-view.ts';
import { collectMetrics } from './metrics.ts';
import { sqlRoute } from './sql-route.ts';
import type { SqlService } from './sql-service.ts';
import type { StatusSource } from './status-source.ts';

export interface HttpServerOptions {
  /** A loopback address or name: nothing else is served while there is no authentication. */
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly status: StatusSource;
  readonly control: JobControl;
  readonly sql: SqlService;
  readonly logger?: Logger;
}

export interface HttpServer {
  /** Resolves when requests are accepted; rejects with a SqlError that says what to do. */
  listen(): Promise<{ readonly host: string; readonly port: number }>;
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 1024 * 1024;
const JSON_TYPE = 'application/json';

/** Health, metrics, status, control of jobs and statements over HTTP (docs/operations.md). Fastify is loaded here and not before: most commands never need it. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  refuseOpenAddress(options.host);
  const { default: fastify } = await import('fastify');
  const app = fastify({ logger: false, bodyLimit: BODY_BYTES_MAX, forceCloseConnections: true });
  guardHost(app);
  guardChanges(app);
  readJson(app);
  answerErrors(app, options.logger ?? silentLogger);
  healthRoutes(app, options.status);
  apiRoutes(app, options.status);
  jobRoutes(app, options);
  sqlRoute(app, options.sql);
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

/**
 * A page that a browser on this machine shows must not change anything either. What it may send without asking first (a form, text, no type at all) is refused, and
 * asking first is never answered; what it sends to its own server says so in Origin.
 */
function guardChanges(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.method === 'GET' || request.method === 'HEAD') return;
    const { origin, host } = request.headers;
    if (origin !== undefined && origin !== `http://${host}`) {
      await sendError(
        reply,
        403,
        new SqlError({ code: SqlState.insufficientPrivilege, message: `pages of "${origin}" may not change anything here` }),
      );
      return;
    }
    const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
    if (type === JSON_TYPE) return;
    const message = `${request.method} needs "content-type: ${JSON_TYPE}"`;
    await sendError(reply, 415, new SqlError({ code: SqlState.invalidParameterValue, message, hint: 'Send {} where there is nothing to say.' }));
  });
}

/** An empty body is as good as {}. */
function readJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_TYPE, { parseAs: 'string' }, async (_: unknown, body: string): Promise<unknown> => {
    if (body.trim() === '') return {};
    try {
      return JSON.parse(body);
    } catch (error) {
      throw new SqlError({ code: SqlState.invalidParameterValue, message: `the body is no JSON: ${(error as Error).message}`, cause: error });
    }
  });
}

function answerErrors(app: FastifyInstance, logger: Logger): void {
  app.setNotFoundHandler((request, reply) =>
    sendError(reply, 404, new SqlError({ code: SqlState.undefinedObject, message: `there is nothing at ${request.method} ${request.url}` })),
  );
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (error instanceof SqlError) return sendError(reply, httpStatusOf(error), error);
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
  app.get('/api/v1/checkpoints', async () => ({ checkpoints: status.checkpoints().map(checkpointView) }));
  app.get('/api/v1/task-managers', async () => ({ task_managers: status.taskManagers().map(taskManagerView) }));
  app.get('/api/v1/relations', async () => ({ relations: status.relations().map(relationView) }));
}

async function sendError(reply: FastifyReply, status: number, error: SqlError): Promise<FastifyReply> {
  return reply.code(status).send({ error: errorView(error) });
}
