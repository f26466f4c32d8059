import { SqlError, SqlState } from '../../base/index.ts';
import { foldIdentifier, type MaintainedRelation } from '../../sql/index.ts';
import { requireRelation } from '../ddl/object-name.ts';
import type { StatementContext, StatementHandler } from '../statement-context.ts';

/** What the command would be for. */
const NOTHING_TO_DO = {
  vacuum: 'there is nothing to vacuum: what is deleted is gone with the next checkpoints',
  analyze: 'there are no statistics to gather: plans follow from the statement and the keys of its tables',
};

/** VACUUM and ANALYZE, which tools send behind a load: what they name has to be there, and a notice says that nothing is done. Errors: 42P01, 42703, 25001. */
export const maintain: StatementHandler<'maintain'> = {
  kind: 'maintain',
  async execute({ command, relations }, context) {
    if (command === 'vacuum' && context.session.transaction?.explicit) {
      throw new SqlError({ code: SqlState.activeSqlTransaction, message: 'VACUUM cannot run inside a transaction block' });
    }
    for (const relation of relations) requireMaintained(relation, context);
    context.notice({ severity: 'NOTICE', code: SqlState.successfulCompletion, message: NOTHING_TO_DO[command] });
    return { kind: 'command', tag: command.toUpperCase() };
  },
};

function requireMaintained({ name, columns }: MaintainedRelation, context: StatementContext): void {
  const relation = requireRelation(name, context);
  for (const column of columns) {
    const wanted = foldIdentifier(column);
    if (relation.columns.some((one) => one.name === wanted)) continue;
    throw new SqlError({
      code: SqlState.undefinedColumn,
      message: `column "${wanted}" of relation "${relation.name}" does not exist`,
      position: column.span.start,
    });
  }
}
