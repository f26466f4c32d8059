import { SqlError, SqlState } from '../../base/index.ts';
import { requireRelation } from '../ddl/object-name.ts';
import { cancellable, type StatementHandler } from '../statement-context.ts';
import { lockForWriting } from './modify.ts';

/** TRUNCATE: every row of the tables, in the transaction like any DELETE. */
export const truncate: StatementHandler<'truncate'> = {
  kind: 'truncate',
  async execute(statement, context) {
    for (const name of statement.tables) {
      const relation = requireRelation(name, context);
      if (relation.kind !== 'table' || relation.options !== null) {
        throw new SqlError({ code: SqlState.wrongObjectType, message: `"${relation.name}" is not a table`, position: name.span.start });
      }
      await lockForWriting(relation, context);
      const content = await cancellable(context.engine.tables.content(relation), context.signal);
      context.session.transaction!.add({ relation, removed: [...content.rows()], added: [] });
    }
    return { kind: 'command', tag: 'TRUNCATE TABLE' };
  },
};
