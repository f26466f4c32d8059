import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { runPsql } from './run-psql.ts';
import { ServerProcess } from './server-process.ts';

const ROWS = 20_000;
const MADE_SLOWLY = 'CREATE MATERIALIZED VIEW made AS SELECT count(*) AS n, sum(x.id) AS s FROM t AS x JOIN t AS y ON x.k = y.k';

let server: ServerProcess;

beforeEach(async () => {
  server = await ServerProcess.start();
  await server.rows('CREATE TABLE t (id INT PRIMARY KEY, k INT)');
  await server.rows(`INSERT INTO t SELECT g, g % 4 FROM generate_series(1, ${ROWS}) AS g`);
});

afterEach(() => server.dispose());

async function untilRead(): Promise<void> {
  const state = (): Promise<string | null> => server.value("SELECT state FROM fsql_catalog.jobs WHERE name = 'made'");
  await eventually('the job of the view runs', state, (value) => value === 'RUNNING');
}

/** The law, at whatever epoch the statement reads: the view holds what its query gives over the table. */
async function expectRight(): Promise<void> {
  const ofTable = 'SELECT sum(c * c) AS n, sum(c * s) AS s FROM (SELECT count(*) AS c, sum(id) AS s FROM t GROUP BY k) AS of_k';
  expect(await server.rows(`SELECT made.n = of_t.n, made.s = of_t.s FROM made, (${ofTable}) AS of_t`)).toEqual([['t', 't']]);
}

test('a view whose CREATE was answered is made although the server is killed while its rows are read, twice', { timeout: 120_000 }, async () => {
  const client = await server.connect();
  await client.query('SET background_ddl = on');
  await client.query(MADE_SLOWLY);
  await untilRead();
  await server.kill();
  await server.restart();
  await server.rows('INSERT INTO t VALUES (0, 1)');
  await untilRead();
  await expect(server.rows('SELECT n FROM made')).rejects.toThrow('does not exist');
  expect(await server.rows('SELECT DISTINCT name, background FROM fsql_catalog.backfills')).toEqual([['made', 't']]);
  await server.kill();
  await server.restart();
  await server.rows('UPDATE t SET k = 2 WHERE id = 5');
  await server.rows('WAIT');
  await expectRight();
  await server.rows('DELETE FROM t WHERE id % 70 = 0');
  await expectRight();
  await server.kill();
  await server.restart();
  await server.rows('WAIT');
  await expectRight();
});

test('Ctrl-C in psql ends a CREATE that reads its rows, and nothing of it is there after a kill either', { timeout: 60_000 }, async () => {
  const { stderr } = await runPsql({ port: server.port, input: `${MADE_SLOWLY};\n`, interruptAfterMs: 700 });
  expect(stderr).toContain('canceling statement due to user request');
  await server.rows('CREATE TABLE next (id INT)');
  expect(await server.rows('SELECT name FROM fsql_catalog.jobs ORDER BY 1')).toEqual([['next'], ['t']]);
  await server.kill();
  await server.restart();
  expect(await server.rows('SELECT name FROM fsql_catalog.jobs ORDER BY 1')).toEqual([['next'], ['t']]);
});

test('a DROP of what a view is being made over waits for the view and is refused; the server starts again', { timeout: 60_000 }, async () => {
  const made = server.rows(MADE_SLOWLY);
  await untilRead();
  await expect(server.rows('DROP TABLE t')).rejects.toMatchObject({ code: '2BP01' });
  await made;
  await server.kill();
  await server.restart();
  await expectRight();
});

test('other sessions see how far a view is, what waits for it, and what waits can be given up at once', { timeout: 60_000 }, async () => {
  const backfills = (columns: string): Promise<(string | null)[][]> => server.rows(`SELECT ${columns} FROM fsql_catalog.backfills ORDER BY name`);
  await server.rows('CREATE MATERIALIZED VIEW next AS SELECT count(*) AS n FROM t');
  const client = await server.connect();
  await client.query('SET background_ddl = on');
  await client.query(MADE_SLOWLY);
  const other = await server.connect();
  // What puts another job in the place of one needs all of them up.
  const next = other.query('CREATE OR REPLACE MATERIALIZED VIEW next AS SELECT count(*) + 1 AS n FROM t').catch((error: unknown) => error);
  // Reports come once a second, and by then all may have been sent.
  const facts = "name, kind, background, phase IN ('reading', 'catching up'), waits_for, input, rows_total, rows_read > 0";
  const midway = ['made', 'materialized view', 't', 't', null, 't', String(ROWS), 't'];
  // It reads the table twice.
  await eventually(
    'it is midway',
    () => backfills(facts),
    (rows) => rows.filter((row) => row.join() === midway.join()).length === 2,
  );
  const waits = 'name, kind, background, phase, waits_for, input, rows_total, rows_read';
  expect(await backfills(waits)).toContainEqual([
    'next',
    'materialized view',
    'f',
    'waiting',
    'materialized view made to be created',
    null,
    null,
    null,
  ]);
  expect(await backfills('rows_read <= rows_total, percent <= 100, epoch > 0, started_at <= now()')).toContainEqual(['t', 't', 't', 't']);
  await other.end();
  await next;
  await eventually(
    'it is given up',
    () => backfills('DISTINCT name'),
    (rows) => rows.length === 1,
  );
  expect((await backfills('DISTINCT name')).flat()).toEqual(['made']);
  expect((await server.rows('SHOW BACKFILLS')).map(([name, , , , input]) => [name, input])).toEqual([
    ['made', 't'],
    ['made', 't'],
  ]);
  await server.rows('WAIT');
  expect(await backfills('name')).toEqual([]);
  await expectRight();
  expect(await server.rows('SELECT n FROM next')).toEqual([[String(ROWS)]]);
});
