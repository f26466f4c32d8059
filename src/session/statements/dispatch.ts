import { SqlError, SqlState } from '../../base/index.ts';
import type { StatementResult } from '../contract.ts';
import type { StatementContext, StatementHandler, StatementShape } from '../statement-context.ts';

/** What to do instead of a statement that is only read. */
const instead: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['topic', 'equivalent'].map((what) => [`assert-${what}`, 'Put it into a .sql file, which fsql test runs.'])),
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
  return handlerOf(context).describe?.(context.parsed.statement as never, context) ?? { parameterTypes: [], fields: null };
}

export function executeStatement(context: StatementContext): Promise<StatementResult> {
  return handlerOf(context).execute(context.parsed.statement as never, context);
}
