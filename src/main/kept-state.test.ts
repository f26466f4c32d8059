import { expect, test } from 'vitest';
import { silentLogger } from '../base/index.ts';
import { openLocalSession } from './local-session.ts';
import { openDatabase } from './open-database.ts';
import { rowsOf } from './testing/index.ts';

test('a changed view says what it keeps and what was rebuilt, and what it keeps is not read again', async () => {
  const database = await openDatabase({ dataDir: null, slots: 2, host: 'in-thread', logger: silentLogger });
  const notices: string[] = [];
  const session = await openLocalSession(database, ({ message }) => notices.push(message));
  const run = (sql: string): Promise<string[]> => rowsOf(session, sql);
  await run(`
    CREATE TABLE t (id INT PRIMARY KEY, shop TEXT, n INT);
    CREATE MATERIALIZED VIEW v AS SELECT shop, count(*) AS rows, sum(n) AS total FROM t GROUP BY shop;
    CREATE MATERIALIZED VIEW w AS SELECT max(total) AS highest FROM v;
    INSERT INTO t SELECT i, 's' || i % 10, i FROM generate_series(1, 1000) AS i`);
  notices.length = 0;
  await run('ALTER MATERIALIZED VIEW v AS SELECT shop, count(*) AS rows, sum(n) AS total FROM t GROUP BY shop HAVING sum(n) > 50000');
  expect(notices).toEqual([
    expect.stringMatching(/^v keeps its state of Aggregate by shop · .*, and is rebuilt from that; rebuilt from the inputs: w$/),
  ]);
  expect(await run("SELECT rows_in FROM fsql_catalog.jobs WHERE name = 'v'")).toEqual(['0']);
  expect(await run('SELECT count(*), sum(total) FROM v')).toEqual(['5 251500']);
  expect(await run('SELECT highest FROM w')).toEqual(['50500']);
  notices.length = 0;
  await run('CREATE OR REPLACE MATERIALIZED VIEW v AS SELECT shop, count(*) AS rows, sum(n) AS total FROM t WHERE n > 1 GROUP BY shop');
  expect(notices).toEqual(['rebuilt from the inputs: v, w']);
  expect(await run("SELECT rows_in FROM fsql_catalog.jobs WHERE name = 'v'")).not.toEqual(['0']);
  await session.close();
  await database.close();
});
