import { silentLogger } from '../../base/index.ts';
import { type Database, type DatabaseOptions, openDatabase } from '../open-database.ts';

/** A database on a directory, with two slots in this thread, that logs nothing; `more` says what else, or otherwise. */
export function openInThread(dataDir: string, more: Partial<DatabaseOptions> = {}): Promise<Database> {
  return openDatabase({ dataDir, slots: 2, host: 'in-thread', logger: silentLogger, ...more });
}
