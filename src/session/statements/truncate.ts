import { SqlError, SqlState } from '../../base/index.ts';
import { isSystemRelation } from '../../catalog/index.ts';
import { requireRelation } from '../ddl/object-name.ts';
import { cancellable, type StatementHandler } from '../statement-context.ts';
import { lockForWriting } from './modify.ts';
import { refuseInBlock } from './refuse-in-block.ts';

/** TRUNCATE: every row of the tables, in the transaction like any DELETE. */
export const truncate: StatementHandler<'truncate'> = {
  kind: 'truncate',
  async execute(statement, context) {
    // What the block inserts afterwards would have taken its numbers by then.
    if (statement.restartIdentity) refuseInBlock(context, 'TRUNCATE … RESTART IDENTITY');
    for (const name of statement.tables) {
      const relation = requireRelation(name, context);
      if (relation.kind !== 'table' || relation.options !== null || isSystemRelation(relation)) {
        throw new SqlError({ code: SqlState.wrongObjectType, message: `"${relation.name}" is not a table`, position: name.span.start });
      }
      await lockForWriting(relation, context);
      const removed = await cancellable(context.session.transaction!.rows(relation), context.signal);
      context.session.transaction!.add({ relation, removed, added: [] });
      if (statement.restartIdentity) context.session.transaction!.restartIdentity(relation);
    }
    return { kind: 'command', tag: 'TRUNCATE TABLE' };
  },
};
