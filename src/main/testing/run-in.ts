import { openLocalSession } from '../local-session.ts';
import type { Database } from '../open-database.ts';
import { rowsOf } from './rows-of.ts';

/** Runs the text in a session of its own; its rows as rowsOf gives them. */
export async function runIn(database: Database, text: string): Promise<string[]> {
  const session = await openLocalSession(database, () => undefined);
  try {
    return await rowsOf(session, text);
  } finally {
    await session.close();
  }
}
