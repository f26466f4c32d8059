import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqlError, SqlState, silentLogger } from '../base/index.ts';
import type { ServerSession } from '../session/index.ts';
import { openLocalSession } from './local-session.ts';
import { type Database, openDatabase } from './open-database.ts';
import { rowsOf } from './testing/index.ts';

let database: Database;
let session: ServerSession;

beforeEach(async () => {
  database = await openDatabase({ dataDir: null, slots: 2, host: 'in-thread', logger: silentLogger });
  session = await openLocalSession(database, () => undefined);
  await rowsOf(session, 'CREATE TABLE t (id INT PRIMARY KEY)');
});

afterEach(async () => {
  await session.close();
  await database.close();
});

/** Runs a text; what the first statement answers is followed at once by a cancel, as by a timeout that ends then. */
async function cancelledBehindFirst(text: string): Promise<SqlError | null> {
  try {
    for await (const result of session.simpleQuery(text)) {
      expect(result.kind).toBe('command');
      session.cancel(new SqlError({ code: SqlState.queryCanceled, message: 'canceling statement due to statement timeout' }));
    }
    return null;
  } catch (error) {
    await session.statementFailed(error as SqlError);
    return error as SqlError;
  }
}

test.each(["ALTER SYSTEM SET statement_timeout = '1 min'", 'CREATE TABLE u (id INT)'])('what is done is not called cancelled: %s', async (text) => {
  expect(await cancelledBehindFirst(text)).toBeNull();
});

test('the statement behind it is cancelled', async () => {
  expect(await cancelledBehindFirst('CREATE TABLE u (id INT); CREATE TABLE w (id INT)')).toMatchObject({ code: SqlState.queryCanceled });
  expect(await rowsOf(session, "SELECT relname FROM pg_class WHERE relname IN ('u', 'w')")).toEqual(['u']);
});

test('rows that are not committed yet go', async () => {
  expect(await cancelledBehindFirst('INSERT INTO t VALUES (1)')).toMatchObject({ code: SqlState.queryCanceled });
  expect(await rowsOf(session, 'SELECT count(*) FROM t')).toEqual(['0']);
});
