import { SqlError, SqlState, toSqlError } from '../base/index.ts';
import { type Batch, rowsOf } from '../batch/index.ts';
import type { EvaluationContext } from '../expr/index.ts';
import { toJson } from '../functions/index.ts';
import type { SqlPart, SqlRequest, SqlService } from '../server/index.ts';
import type { Engine, ResultField, ServerSession, StatementResult } from '../session/index.ts';
import { parseStatements, type Statement } from '../sql/index.ts';
import { formatJson, formatType } from '../types/index.ts';
import type { Value } from './embedded/api.ts';
import { executeBound } from './embedded/bound-statement.ts';
import { openLocalSession } from './local-session.ts';

/** Statements over HTTP, each request in a session of its own. Values are those of row_to_json. */
export function sqlServiceOf(engine: Engine): SqlService {
  return {
    run: (request, signal) => partsOf(engine, request, signal),
    isSubscription: (sql) => {
      try {
        return parseStatements(sql).some(({ statement }) => isSubscription(statement));
      } catch (error) {
        // What is wrong with it is said when it is run; another dialect's statements have no end that never comes.
        if (error instanceof SqlError) return false;
        throw error;
      }
    },
  };
}

function isSubscription(statement: Statement): boolean {
  if (statement.kind === 'copy') return statement.source.kind === 'copy-query' && statement.source.statement.kind === 'subscribe';
  return statement.kind === 'subscribe' || (statement.kind === 'query' && statement.emit?.mode === 'changes');
}

async function* partsOf(engine: Engine, { sql, params }: SqlRequest, signal: AbortSignal): AsyncGenerator<SqlPart> {
  const notices: SqlPart[] = [];
  const session = await openLocalSession({ engine }, ({ severity, message }) => notices.push({ kind: 'notice', severity, message }));
  const cancel = (): void => session.cancel(new SqlError({ code: SqlState.queryCanceled, message: 'whoever asked has gone' }));
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const results = params === null ? session.simpleQuery(sql) : boundResult(session, sql, params);
    for await (const result of results) {
      yield* partsOfResult(result, { session, nowMicros: engine.clock.nowMicros() });
      yield* notices.splice(0);
    }
    yield* notices.splice(0);
  } catch (error) {
    const failure = toSqlError(error);
    await session.statementFailed(failure);
    throw failure;
  } finally {
    signal.removeEventListener('abort', cancel);
    await session.close();
  }
}

async function* boundResult(session: ServerSession, sql: string, params: readonly unknown[]): AsyncGenerator<StatementResult> {
  yield await executeBound(session, sql, params as readonly Value[]);
  await session.sync();
}

async function* partsOfResult(
  result: StatementResult,
  { session, nowMicros }: { readonly session: ServerSession; readonly nowMicros: bigint },
): AsyncGenerator<SqlPart> {
  if (result.kind === 'empty') return;
  if (result.kind === 'command') {
    yield { kind: 'done', command: result.tag };
    return;
  }
  if (result.kind === 'copy-in') {
    const refused = new SqlError({ code: SqlState.featureNotSupported, message: 'COPY FROM STDIN needs a client', hint: 'INSERT the rows.' });
    await result.abort(refused);
    throw refused;
  }
  yield { kind: 'columns', columns: result.fields.map(({ name, type }) => ({ name, type: formatType(type) })) };
  const context: EvaluationContext = { nowMicros, timeZone: session.outputStyle().timeZone };
  let count = 0;
  for await (const batch of result.batches) {
    const rows = rowTexts(batch, result.fields, context);
    count += rows.length;
    if (rows.length > 0) yield { kind: 'rows', rows };
  }
  yield { kind: 'done', command: result.kind === 'rows' ? result.tag(count) : `COPY ${count}` };
}

/** Names that stand twice stand twice in the text, too: nothing is lost that a client wants to read. */
function rowTexts(batch: Batch, fields: readonly ResultField[], context: EvaluationContext): string[] {
  const names = fields.map(({ name }) => JSON.stringify(name));
  return rowsOf(batch).flatMap((row, index) => {
    const cells = fields.map(({ type }, column) => `${names[column]}:${formatJson(toJson(type, row[column]!, context))}`);
    return new Array<string>(batch.weights === null ? 1 : batch.weights[index]!).fill(`{${cells.join(',')}}`);
  });
}
