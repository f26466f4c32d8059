import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqlError, SqlState } from '../base/index.ts';
import { eventually } from '../tools/processes/eventually.ts';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import { openLocalSession } from './local-session.ts';
import type { Database } from './open-database.ts';
import { openInThread, rowsOf, runIn } from './testing/index.ts';

const ROWS = 6_000;
/** What is asked of two ids holds for all, and has to be looked at pair by pair. */
const MADE_SLOWLY = `CREATE MATERIALIZED VIEW made AS SELECT count(*) AS n FROM t AS x JOIN t AS y ON x.k = y.k AND x.id - y.id < ${2 * ROWS}`;

let dataDir: string;
let database: Database;

beforeEach(async () => {
  dataDir = temporaryDirectory();
  database = await openInThread(dataDir);
  await runIn(database, `CREATE TABLE t (id INT, k INT); INSERT INTO t SELECT g, g % 2 FROM generate_series(1, ${ROWS}) AS g`);
});

afterEach(() => database.close());

async function jobs(): Promise<string[]> {
  return runIn(database, 'SELECT name FROM fsql_catalog.jobs ORDER BY 1');
}

/** Runs the statement until its job is there, and cancels it then. */
async function cancelledMidway(sql: string): Promise<unknown> {
  const session = await openLocalSession(database, () => undefined);
  const ended = rowsOf(session, sql).catch((error: unknown) => error);
  await eventually('the job is there', jobs, (names) => names.includes('made'));
  session.cancel(new SqlError({ code: SqlState.queryCanceled, message: 'canceling statement due to user request' }));
  const outcome = await ended;
  await session.close();
  return outcome;
}

test('a definition that is cancelled while its rows are read leaves nothing', async () => {
  expect(await cancelledMidway(MADE_SLOWLY)).toMatchObject({ code: SqlState.queryCanceled });
  // Behind it in the row of definitions.
  await runIn(database, 'CREATE TABLE next (id INT)');
  expect(await jobs()).toEqual(['next', 't']);
  await expect(runIn(database, 'SELECT * FROM made')).rejects.toThrow('does not exist');
  await runIn(database, 'INSERT INTO t VALUES (0, 9)');
  await runIn(database, MADE_SLOWLY);
  expect(await runIn(database, 'SELECT n FROM made')).toEqual([String((ROWS * ROWS) / 2 + 1)]);
});

const IN_BACKGROUND = `SET background_ddl = on; ${MADE_SLOWLY}`;

test('what is made in the background can be dropped meanwhile, and its name is taken', async () => {
  await runIn(database, IN_BACKGROUND);
  await eventually('the job is there', jobs, (names) => names.includes('made'));
  await expect(runIn(database, MADE_SLOWLY)).rejects.toMatchObject({ code: SqlState.duplicateTable, message: 'relation "made" is being created' });
  await runIn(database, `${MADE_SLOWLY.replace('VIEW made', 'VIEW IF NOT EXISTS made')}; DROP MATERIALIZED VIEW made`);
  expect(await jobs()).toEqual(['t']);
  await expect(runIn(database, 'DROP MATERIALIZED VIEW made')).rejects.toMatchObject({ code: SqlState.undefinedTable });
});

const NEGATIVE = MADE_SLOWLY.replace('count(*)', '-count(*)');
const OTHER = NEGATIVE.replace('CREATE', 'CREATE OR REPLACE');

test.each([OTHER, `SET background_ddl = on; ${OTHER}`])(
  'OR REPLACE puts its view in the place of one that is still being made: %s',
  async (replace) => {
    await runIn(database, IN_BACKGROUND);
    await runIn(database, replace);
    await runIn(database, 'WAIT');
    expect(await runIn(database, 'SELECT n FROM made')).toEqual([String(-(ROWS * ROWS) / 2)]);
  },
);

test('of two views of one name that are accepted at once one is', async () => {
  const notExists = NEGATIVE.replace('VIEW made', 'VIEW IF NOT EXISTS made');
  const all = [MADE_SLOWLY, NEGATIVE, notExists].map((sql) => runIn(database, `SET background_ddl = on; ${sql}`));
  const settled = await Promise.allSettled(all);
  expect(settled).toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected', reason: { code: SqlState.duplicateTable, message: 'relation "made" is being created' } },
    { status: 'fulfilled' },
  ]);
  await runIn(database, 'WAIT');
  expect(await runIn(database, 'SELECT n FROM made')).toEqual([String((ROWS * ROWS) / 2)]);
});

test('what was accepted in the background and not made yet is made after the next start', async () => {
  await runIn(database, IN_BACKGROUND);
  await eventually('the job is there', jobs, (names) => names.includes('made'));
  await database.close();
  database = await openInThread(dataDir);
  await runIn(database, 'INSERT INTO t VALUES (0, 9); WAIT');
  expect(await runIn(database, 'SELECT n FROM made')).toEqual([String((ROWS * ROWS) / 2 + 1)]);
  await database.close();
  database = await openInThread(dataDir);
  expect(await runIn(database, 'WAIT; SELECT n FROM made')).toEqual([String((ROWS * ROWS) / 2 + 1)]);
});

test('what cannot be made is not tried again at every start', async () => {
  await runIn(
    database,
    "SET background_ddl = on; CREATE MATERIALIZED VIEW made WITH (on_row_error = 'fail') AS SELECT 1 / (k - 1) AS a FROM t; WAIT; RESET background_ddl",
  );
  await runIn(database, 'CREATE MATERIALIZED VIEW made AS SELECT count(*) AS n FROM t');
  expect(await runIn(database, 'SELECT n FROM made')).toEqual([String(ROWS)]);
});

test('who would change what a view being made reads waits for it, and cancelled does nothing afterwards; others do not wait', async () => {
  await runIn(database, 'CREATE TABLE kept (id INT); INSERT INTO kept VALUES (7); CREATE MATERIALIZED VIEW old AS SELECT -1 AS n FROM t LIMIT 1');
  await runIn(database, `INSERT INTO t SELECT g, g % 2 FROM generate_series(1, ${ROWS / 2}) AS g`);
  const slow = runIn(database, MADE_SLOWLY);
  await eventually('the slow job is there', jobs, (names) => names.includes('made'));
  const cancelled = async (sql: string): Promise<unknown> => {
    const session = await openLocalSession(database, () => undefined);
    const ended = rowsOf(session, sql).catch((error: unknown) => error);
    await eventually('the slow job is there', jobs, (names) => names.includes('made'));
    session.cancel(new SqlError({ code: SqlState.queryCanceled, message: 'canceling statement due to user request' }));
    const outcome = await ended;
    await session.close();
    return outcome;
  };
  const waiting = [
    'DROP TABLE t CASCADE',
    OTHER.replace('made', 'old'),
    'CREATE INDEX by_id ON t (id)',
    'ALTER TABLE t RENAME TO lost',
    'ALTER TABLE t ADD COLUMN more INT',
    'ALTER TABLE kept SET PARALLELISM 1',
    'CREATE TABLE made (id INT)',
  ];
  const done = [
    "CREATE FUNCTION plus(a INT) RETURNS INT LANGUAGE sql AS 'SELECT a + 1'",
    "COMMENT ON TABLE kept IS 'here'",
    'CREATE SCHEMA other',
    'CREATE TABLE more (id INT)',
  ];
  const outcomes = Promise.all(waiting.map(cancelled));
  const order: string[] = [];
  const noted = (what: string) => () => order.push(what);
  await Promise.all([...done.map((sql) => runIn(database, sql).then(noted(sql))), slow.then(noted('slow'))]);
  expect(order.at(-1)).toBe('slow');
  expect(await outcomes).toMatchObject(waiting.map(() => ({ code: SqlState.queryCanceled })));
  expect(await runIn(database, 'SELECT n FROM made')).toEqual([String((1.5 * ROWS) ** 2 / 2)]);
  expect(await runIn(database, 'SELECT n FROM old')).toEqual(['-1']);
  expect(await runIn(database, "SELECT relname FROM pg_class WHERE relname IN ('by_id', 'lost')")).toEqual([]);
  expect(await runIn(database, 'SELECT plus(1)')).toEqual(['2']);
  await database.close();
  database = await openInThread(dataDir);
  expect(await runIn(database, 'SELECT n FROM old')).toEqual(['-1']);
  expect(await runIn(database, 'SELECT n FROM made')).toEqual([String((1.5 * ROWS) ** 2 / 2)]);
});
