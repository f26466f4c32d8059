import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { SqlError, SqlState, toSqlError } from '../../base/index.ts';
import { JSON_LINES_TYPE, JsonDocument, JsonLines, type SqlAnswer } from './sql-answer.ts';
import type { SqlPart, SqlRequest, SqlService } from './sql-service.ts';

/**
 * POST /api/v1/sql: `{"sql": "…", "params": […]}`, answered by one JSON document; for a subscription, and where the client accepts application/x-ndjson, by a
 * row a line as they come. Long answers are sent while they are made, at the client's pace.
 */
export function sqlRoute(app: FastifyInstance, service: SqlService): void {
  app.post('/api/v1/sql', async (request, reply) => {
    const wanted = requestOf(request.body);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const inLines = service.isSubscription(wanted.sql) || (request.headers.accept ?? '').includes(JSON_LINES_TYPE);
    const answer = inLines ? new JsonLines() : new JsonDocument();
    const parts = service.run(wanted, gone.signal)[Symbol.asyncIterator]();
    const held = await hold(parts, answer);
    reply.type(answer.contentType);
    return held.ended ? reply.send(held.text) : reply.send(Readable.from(rest(held.text, parts, answer)));
  });
}

/** The first part is waited for in any case: an error before it is thrown, and answered as all others are. */
async function hold(parts: AsyncIterator<SqlPart>, answer: SqlAnswer): Promise<{ readonly text: string; readonly ended: boolean }> {
  let text = '';
  for (;;) {
    const next = await parts.next();
    if (next.done) return { text: text + answer.end(), ended: true };
    text += answer.add(next.value);
    if (text.length > answer.heldMax) return { text, ended: false };
  }
}

async function* rest(held: string, parts: AsyncIterator<SqlPart>, answer: SqlAnswer): AsyncGenerator<string> {
  yield held;
  try {
    for (let next = await parts.next(); !next.done; next = await parts.next()) {
      const text = answer.add(next.value);
      if (text !== '') yield text;
    }
    yield answer.end();
  } catch (error) {
    yield answer.fail(toSqlError(error));
  } finally {
    await parts.return?.();
  }
}

/** Errors: 22023 for another body. */
function requestOf(body: unknown): SqlRequest {
  const wrong = (message: string): SqlError =>
    new SqlError({ code: SqlState.invalidParameterValue, message, hint: 'Send {"sql": "SELECT $1::int + 1", "params": [1]}.' });
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw wrong('the body must be a JSON object');
  const { sql, params, ...others } = body as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw wrong(`"${unknown}" is not a field of a statement`);
  if (typeof sql !== 'string') throw wrong('"sql" must be the text of a statement');
  if (params !== undefined && !Array.isArray(params)) throw wrong('"params" must be an array');
  return { sql, params: params === undefined ? null : params };
}
