import { catalogLookup, existingSchemas, StatementBinder } from './engine/index.ts';
import { searchPath } from './search-path.ts';
import { SERVER_VERSION } from './settings/index.ts';
import type { StatementContext } from './statement-context.ts';

/** The binder of a statement: its session's search path, time zone and transaction time, its parameters' types. */
export function binderOf(context: StatementContext): StatementBinder {
  const { engine, definer, session, parameterTypes } = context;
  const path = searchPath(session);
  return new StatementBinder(engine, {
    catalog: (session.transaction?.catalog ?? engine.snapshot).reader(path),
    evaluation: {
      nowMicros: session.transaction?.startMicros ?? engine.clock.nowMicros(),
      timeZone: session.settings.get('timezone'),
      catalog: catalogLookup({ system: engine.system, snapshot: definer.snapshot }, path),
      nextIdentity: (table, column) => {
        const relation = definer.snapshot.relationByOid(table);
        return relation?.columns[column - 1]?.identity === undefined ? null : engine.identities.next(relation, column - 1);
      },
      session: {
        user: session.user,
        database: session.database,
        schemas: existingSchemas(definer.snapshot, path),
        processId: session.processId,
        version: `PostgreSQL ${SERVER_VERSION} (fsql ${session.settings.get('fsql_version')})`,
        setting: (name) => session.settings.find(name),
      },
    },
    parameterTypes,
  });
}
