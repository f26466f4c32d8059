import { SqlError, SqlState } from '../../base/index.ts';
import type { Statement } from '../../sql/index.ts';
import type { StatementResult } from '../contract.ts';
import type { StatementContext, StatementHandler, StatementShape } from '../statement-context.ts';
import { describingParts, executeParts, modifiesInWith, modifyingParts } from './modifying-with.ts';

/** What to do instead of a statement that is only read. */
const instead: Readonly<Record<string, string>> = {
  crash: 'It is for a .sql file, which fsql test runs. A server is killed (kill -9) and started again.',
  restore: 'It is for a .sql file, which fsql test runs. A server that was killed is started again.',
};

const handlers = new Map<string, StatementHandler>();

/** Called once by index.ts; a function of its own so that statements which run statements (EXECUTE, EXPLAIN ANALYZE) make no import cycle. */
export function registerHandlers(list: readonly StatementHandler[]): void {
  for (const handler of list) handlers.set(handler.kind, handler);
}

/** The handler of the context's statement. Errors: 0A000 for statements that parse but do nothing here. */
export function handlerOf(context: Pick<StatementContext, 'parsed'>): StatementHandler {
  const { statement } = context.parsed;
  const handler = handlers.get(statement.kind);
  if (handler !== undefined) return handler;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `${statement.kind.replaceAll('-', ' ').toUpperCase()} is not supported`,
    hint: instead[statement.kind],
    position: statement.span.start,
  });
}

export function describeStatement(context: StatementContext): StatementShape {
  const { statement } = context.parsed;
  const described = modifiesInWith(statement) ? describingParts(statement, context) : context;
  return handlerOf(context).describe?.(statement as never, described) ?? { parameterTypes: [], fields: null };
}

/** Errors: 25006 for what writes in a read-only transaction, and those of the statement. */
export async function executeStatement(context: StatementContext): Promise<StatementResult> {
  refuseReadOnly(context);
  const { statement } = context.parsed;
  const run = (part: StatementContext): Promise<StatementResult> => handlerOf(part).execute(part.parsed.statement as never, part);
  return modifiesInWith(statement) ? executeParts(statement, context, run) : run(context);
}

const ALWAYS_READ: ReadonlySet<string> = new Set(['create-savepoint']);
const WRITES: ReadonlySet<string> = new Set([
  'insert',
  'update',
  'delete',
  'merge',
  'truncate',
  'alter',
  'alter-job',
  'control-job',
  'comment-on',
  'statement-set',
]);

/** Kinds that PostgreSQL refuses to run there; ALTER SYSTEM and checkpoints are none of them. */
function refuseReadOnly({ session, parsed: { statement } }: StatementContext): void {
  if (session.transaction?.readOnly !== true) return;
  const written = modifiesInWith(statement) ? modifyingParts(statement)[0]! : statement;
  if (!isWriting(written)) return;
  const what = written.kind === 'copy' ? 'COPY FROM' : written.kind.replaceAll('-', ' ').toUpperCase();
  throw new SqlError({ code: SqlState.readOnlySqlTransaction, message: `cannot execute ${what} in a read-only transaction` });
}

function isWriting(statement: Statement): boolean {
  const { kind } = statement;
  if (kind === 'copy') return statement.direction === 'from';
  return WRITES.has(kind) || (/^(create|drop)/.test(kind) && !ALWAYS_READ.has(kind));
}
