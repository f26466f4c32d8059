import { SqlError, SqlState } from '../base/index.ts';
import type { ServerSession, SessionFactory, SessionStartup } from './contract.ts';
import type { Engine } from './engine/index.ts';
import { Session } from './session.ts';

/** The one database of a server. */
const DATABASE = 'fsql';

/** Sessions on an engine. */
export function createSessionFactory(engine: Engine): SessionFactory {
  return {
    async open(startup: SessionStartup): Promise<ServerSession> {
      if (startup.database !== DATABASE) {
        throw new SqlError({
          code: SqlState.invalidCatalogName,
          message: `database "${startup.database}" does not exist`,
          hint: `The database is called "${DATABASE}".`,
        });
      }
      return new Session(engine, startup);
    },
  };
}
