import { SqlError, SqlState } from '../../base/index.ts';
import type { StatementContext } from '../statement-context.ts';

/** For what a rollback cannot take back: it is refused inside a block rather than done half. */
export function refuseInBlock(context: StatementContext, what: string): void {
  if (!context.session.transaction?.explicit) return;
  throw new SqlError({
    code: SqlState.activeSqlTransaction,
    message: `${what} cannot run inside a transaction block`,
    hint: 'End the transaction first.',
  });
}
