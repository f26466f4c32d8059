import { expect, test } from 'vitest';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import { openLocalSession, runText } from './local-session.ts';
import type { Database } from './open-database.ts';
import { openInThread, runIn } from './testing/index.ts';

/** Runs the statement in two sessions at once: what failed, and the notices of both. */
async function twice(database: Database, sql: string): Promise<{ readonly failed: string[]; readonly notices: string[] }> {
  const notices: string[] = [];
  const sessions = await Promise.all([1, 2].map(() => openLocalSession(database, ({ message }) => notices.push(message))));
  const settled = await Promise.allSettled(sessions.map((session) => runText(session, sql, () => undefined)));
  await Promise.all(sessions.map((session) => session.close()));
  return { failed: settled.flatMap((one) => (one.status === 'rejected' ? [one.reason.message] : [])), notices };
}

test.each([
  ['CREATE MATERIALIZED VIEW IF NOT EXISTS made AS SELECT a FROM t', 1],
  ['CREATE TABLE IF NOT EXISTS made (a INT)', 0],
  ['CREATE VIEW IF NOT EXISTS made AS SELECT a FROM t', 1],
])('who finds with IF NOT EXISTS that another session was faster gets a notice: %s', async (definition, rows) => {
  const database = await openInThread(temporaryDirectory());
  await runIn(database, 'CREATE TABLE t (a INT); INSERT INTO t VALUES (1)');
  expect(await twice(database, definition)).toEqual({ failed: [], notices: ['relation "made" already exists, skipping'] });
  expect(await runIn(database, 'SELECT count(*) FROM made')).toEqual([`${rows}`]);
  await database.close();
});

test('without IF NOT EXISTS the slower one of two sessions fails', async () => {
  const database = await openInThread(temporaryDirectory());
  await runIn(database, 'CREATE TABLE t (a INT)');
  expect(await twice(database, 'CREATE MATERIALIZED VIEW made AS SELECT a FROM t')).toEqual({
    failed: ['relation "made" already exists'],
    notices: [],
  });
  await database.close();
});

const MADE_SLOWLY = 'CREATE MATERIALIZED VIEW made AS SELECT count(*) AS n FROM t AS x JOIN t AS y ON x.k = y.k';

async function withRows(): Promise<Database> {
  const database = await openInThread(temporaryDirectory());
  await runIn(database, 'CREATE TABLE t (id INT, k INT); INSERT INTO t SELECT g, g % 4 FROM generate_series(1, 2000) AS g');
  return database;
}

test.each(['DROP TABLE t', 'DROP TABLE t CASCADE'])(
  'a drop that has waited for the making of a reader does not leave it without what it reads: %s',
  async (drop) => {
    const database = await withRows();
    const [made, dropped] = await Promise.allSettled([runIn(database, MADE_SLOWLY), runIn(database, drop)]);
    expect(made).toMatchObject({ status: 'fulfilled' });
    expect(dropped).toMatchObject({
      status: 'rejected',
      reason: {
        code: '2BP01',
        message: 'cannot drop table t because other objects depend on it',
        detail: 'materialized view made depends on table t',
      },
    });
    expect(await runIn(database, 'SELECT n FROM made')).toEqual(['1000000']);
    await runIn(database, 'DROP TABLE t CASCADE');
    await database.close();
  },
);

test.each([
  ["CREATE OR REPLACE MATERIALIZED VIEW input AS SELECT 'x' || k AS a FROM t", 'made'],
  ["CREATE OR REPLACE MATERIALIZED VIEW input AS SELECT 'x' || k AS a FROM t", 'VIEW made'],
  ['CREATE OR REPLACE MATERIALIZED VIEW input AS SELECT k AS b, id AS a FROM t', '*'],
])('what has waited for another definition of what it reads is refused when its columns would be others: %s', async (change, made) => {
  const database = await withRows();
  await runIn(database, 'CREATE MATERIALIZED VIEW input AS SELECT k AS a FROM t');
  const create =
    made === 'VIEW made'
      ? 'CREATE VIEW made AS SELECT a FROM input'
      : `CREATE MATERIALIZED VIEW made AS SELECT ${made === '*' ? '*' : 'a'} FROM input`;
  const [changed, created] = await Promise.allSettled([runIn(database, change), runIn(database, create)]);
  expect(changed).toMatchObject({ status: 'fulfilled' });
  expect(created).toMatchObject({ status: 'rejected', reason: { code: '40001', detail: expect.stringContaining('its columns would be (') } });
  await runIn(database, create);
  expect(await runIn(database, "SELECT count(*) FROM made WHERE a::text LIKE 'x%' OR a IS NOT NULL")).toEqual(['2000']);
  await database.close();
});

test('what has waited for another definition of what it reads knows its keys', async () => {
  const database = await withRows();
  await runIn(database, 'CREATE MATERIALIZED VIEW input AS SELECT k, count(*) AS n FROM t GROUP BY k');
  const [changed, created] = await Promise.allSettled([
    runIn(database, 'CREATE OR REPLACE MATERIALIZED VIEW input AS SELECT k, 1::bigint AS n FROM t'),
    runIn(database, 'CREATE MATERIALIZED VIEW made AS SELECT k, n FROM input'),
  ]);
  expect([changed, created]).toMatchObject([{ status: 'fulfilled' }, { status: 'fulfilled' }]);
  await runIn(database, 'CREATE MATERIALIZED VIEW of_made AS SELECT k, sum(n) AS n FROM made GROUP BY k');
  await runIn(database, 'DELETE FROM t WHERE id <= 4');
  expect(await runIn(database, 'SELECT n FROM of_made')).toEqual(['499', '499', '499', '499']);
  await database.close();
});

test('a replacement that has waited for another definition of what it reads is refused when its columns would be others', async () => {
  const database = await withRows();
  await runIn(database, 'CREATE MATERIALIZED VIEW input AS SELECT k AS a FROM t; CREATE MATERIALIZED VIEW made AS SELECT id AS a FROM t');
  const [changed, replaced] = await Promise.allSettled([
    runIn(database, "CREATE OR REPLACE MATERIALIZED VIEW input AS SELECT 'x' || k AS a FROM t"),
    runIn(database, 'CREATE OR REPLACE MATERIALIZED VIEW made AS SELECT a FROM input'),
  ]);
  expect(changed).toMatchObject({ status: 'fulfilled' });
  expect(replaced).toMatchObject({ status: 'rejected', reason: { code: '40001' } });
  expect(await runIn(database, 'SELECT max(a) FROM made')).toEqual(['2000']);
  await database.close();
});

test('what has waited for a swap of what its query names is refused, so that it depends on what it reads', async () => {
  const database = await withRows();
  await runIn(database, 'CREATE MATERIALIZED VIEW input AS SELECT k AS a FROM t; CREATE MATERIALIZED VIEW other AS SELECT id AS a FROM t');
  const [, swapped, created] = await Promise.allSettled([
    runIn(database, MADE_SLOWLY),
    runIn(database, 'ALTER MATERIALIZED VIEW input SWAP WITH other'),
    runIn(database, 'CREATE MATERIALIZED VIEW late AS SELECT a FROM input'),
  ]);
  expect(swapped).toMatchObject({ status: 'fulfilled' });
  expect(created).toMatchObject({ status: 'rejected', reason: { code: '40001', detail: '"late" would read other relations by now' } });
  await database.close();
});
