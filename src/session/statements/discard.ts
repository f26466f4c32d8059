import { SqlError, SqlState } from '../../base/index.ts';
import { dropTemporaryObjects } from '../engine/index.ts';
import type { StatementHandler } from '../statement-context.ts';

/** DISCARD ALL returns the session to its first state; the others have nothing to forget here. */
export const discard: StatementHandler<'discard'> = {
  kind: 'discard',
  async execute(statement, context) {
    const { session } = context;
    if (statement.target === 'all') {
      if (session.transaction?.explicit) {
        throw new SqlError({ code: SqlState.activeSqlTransaction, message: 'DISCARD ALL cannot run inside a transaction block' });
      }
      for (const portal of session.portals.values()) await portal.close();
      session.portals.clear();
      session.prepared.clear();
      session.settings.resetAll();
      context.engine.tables.locks.releaseAll(session.lockHolder);
    }
    if ((statement.target === 'all' || statement.target === 'temporary') && session.temporarySchema !== null)
      await dropTemporaryObjects(session.temporarySchema, context.engine);
    const tags = { all: 'DISCARD ALL', plans: 'DISCARD PLANS', sequences: 'DISCARD SEQUENCES', temporary: 'DISCARD TEMP' };
    return { kind: 'command', tag: tags[statement.target] };
  },
};
