import { expect, test } from 'vitest';
import { type Random, seededRandom, silentLogger } from '../base/index.ts';
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

/** What two queries show of the same rows. */
function pair(lists: readonly [string, string], from: string): readonly [string, string] {
  return [`SELECT ${lists[0]} FROM ${from}`, `SELECT ${lists[1]} FROM ${from}`];
}

/** Pairs of queries of which the one goes on with the state of the other, back and forth. */
const CHANGES: readonly (readonly [string, string])[] = [
  pair(['t.id, t.n, s.city', "t.id + t.n AS m, coalesce(s.city, '-') AS city, t.n % 2 AS odd"], 't LEFT JOIN s ON s.shop = t.shop'),
  pair(['t.n, s.city, s.rank', 't.n + s.rank AS m, upper(s.city) AS loud'], 't FULL JOIN s ON s.shop = t.shop AND t.n < s.rank'),
  pair(['s.city, t.n', 'upper(s.city) AS city, t.n + 1 AS n'], 's RIGHT JOIN t ON s.shop = t.shop'),
  pair(['n, shop', 'n * 2 AS twice, upper(shop) AS loud'], 't WHERE shop IN (SELECT shop FROM s)'),
  pair(['n, shop', "n * 2 AS twice, shop || '!' AS loud"], 't WHERE NOT EXISTS (SELECT FROM s WHERE s.shop = t.shop AND s.rank > t.n)'),
  pair(['shop, n, rank() OVER w AS place', 'shop, n + rank() OVER w AS m'], 't WINDOW w AS (PARTITION BY shop ORDER BY n)'),
  pair(['shop, n', 'upper(shop) AS loud, n + 1 AS n'], '(SELECT shop, n FROM t ORDER BY n, shop LIMIT 7) AS d'),
  pair(['shop', 'upper(shop) AS loud'], '(SELECT shop FROM t EXCEPT ALL SELECT shop FROM s) AS d'),
  pair(
    ['id, window_end', "id + 1 AS id, window_end - INTERVAL '1 s' AS till"],
    "SESSION(TABLE t PARTITION BY shop, DESCRIPTOR(at), INTERVAL '3' SECOND)",
  ),
];

function randomChange(random: Random): string {
  const shop = `'s${random.nextInt(6)}'`;
  const id = random.nextInt(40);
  switch (random.nextInt(6)) {
    case 0:
      return `DELETE FROM t WHERE id % 5 = ${id % 5}`;
    case 1:
      return `UPDATE t SET shop = ${shop}, n = n + 1 WHERE id = ${id}`;
    case 2:
      return `DELETE FROM s WHERE shop = ${shop}`;
    case 3:
      return `INSERT INTO s VALUES (${shop}, ${random.nextInt(3) === 0 ? 'NULL' : `'c${id}'`}, ${random.nextInt(20)}) ON CONFLICT (shop) DO NOTHING`;
    default:
      return `INSERT INTO t VALUES (${id}, ${shop}, ${random.nextInt(20)}, TIMESTAMP '2026-01-01' + ${random.nextInt(60)} * INTERVAL '1 second') ON CONFLICT (id) DO NOTHING`;
  }
}

test.each([1, 2])(
  'views that go on with the state of others are what they would be anew, whatever comes before and after (seed %i)',
  async (seed) => {
    const random = seededRandom(seed);
    const database = await openDatabase({ dataDir: null, slots: 2, host: 'in-thread', logger: silentLogger });
    const notices: string[] = [];
    const session = await openLocalSession(database, ({ message }) => notices.push(message));
    const run = (sql: string): Promise<string[]> => rowsOf(session, sql);
    const change = async (): Promise<void> => {
      for (let left = 4 + random.nextInt(8); left > 0; left--) await run(randomChange(random));
    };
    await run(
      'CREATE TABLE t (id INT PRIMARY KEY, shop TEXT NOT NULL, n INT, at TIMESTAMP); CREATE TABLE s (shop TEXT PRIMARY KEY, city TEXT, rank INT)',
    );
    for (let at = 0; at < 6; at++) await change();
    for (const [view, [query]] of CHANGES.entries()) await run(`CREATE MATERIALIZED VIEW v${view} AS ${query}`);
    for (const turn of [1, 0, 1]) {
      for (const [view, queries] of CHANGES.entries()) {
        await change();
        notices.length = 0;
        await run(`ALTER MATERIALIZED VIEW v${view} AS ${queries[turn]!}`);
        expect(notices, queries[turn]!).toEqual([expect.stringMatching(/ keeps its state of /)]);
        await run(`CREATE MATERIALIZED VIEW anew AS ${queries[turn]!}`);
        for (let look = 0; look < 3; look++) {
          const [kept, anew] = [await run(`SELECT * FROM v${view}`), await run('SELECT * FROM anew')];
          expect(kept.sort(), queries[turn]!).toEqual(anew.sort());
          await change();
        }
        await run('DROP MATERIALIZED VIEW anew');
      }
    }
    await session.close();
    await database.close();
  },
);
