import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RealPostgres } from '../../functions/testing/real-postgres.ts';
import { eventually } from './eventually.ts';
import { ServerProcess } from './server-process.ts';
import { crashRounds, testRandom } from './test-parameters.ts';

const ROWS_AT_ONCE = 40;
const KEYS = 7;

describe('a sink into PostgreSQL', () => {
  let target: RealPostgres;
  let server: ServerProcess;
  let written: number;

  beforeAll(async () => {
    target = await RealPostgres.start();
  }, 120_000);
  beforeEach(async () => {
    await target.run(
      'DROP TABLE IF EXISTS fsql_sink_epochs, copy, counts; CREATE TABLE copy (id bigint); CREATE TABLE counts (k bigint PRIMARY KEY, n bigint)',
    );
    server = await ServerProcess.start();
    written = 0;
    const options = (table: string, more = ''): string =>
      `WITH (connector = 'postgres', url = 'postgres://127.0.0.1:${target.port}/postgres', username = 'postgres', password = 'postgres', table = '${table}'${more})`;
    await server.rows('CREATE STREAM rows (id BIGINT)');
    await server.rows(`CREATE SINK copy ${options('copy')} AS SELECT id FROM rows`);
    await server.rows(
      `CREATE SINK counts ${options('counts', ", primary_key = 'k'")} AS SELECT id % ${KEYS} AS k, count(*) AS n FROM rows GROUP BY 1`,
    );
  });
  afterEach(async () => server.kill());
  afterAll(async () => target.stop());

  async function insertRows(): Promise<void> {
    const ids = Array.from({ length: ROWS_AT_ONCE }, (_, index) => `(${written + index})`);
    await server.rows(`INSERT INTO rows VALUES ${ids.join(', ')}`);
    written += ROWS_AT_ONCE;
  }

  /** CHECKPOINT may be cut off by the kill it is there for. */
  function checkpoint(): void {
    void server.rows('CHECKPOINT').catch(() => undefined);
  }

  async function texts(sql: string): Promise<string[]> {
    return (await target.table(sql)).rows.map((row) => row.join(' '));
  }

  async function expectAllOnce(): Promise<void> {
    await server.rows('CHECKPOINT');
    const ids = Array.from({ length: written }, (_, id) => id);
    const counts = Array.from({ length: KEYS }, (_, k) => `${k} ${ids.filter((id) => id % KEYS === k).length}`);
    const expected = [`${written} ${written} 0 ${written - 1}`, ...counts].join('\n');
    const found = async (): Promise<string> =>
      [...(await texts('SELECT count(*), count(DISTINCT id), min(id), max(id) FROM copy')), ...(await texts('SELECT * FROM counts ORDER BY k'))].join(
        '\n',
      );
    await eventually('every row is in the target', found, (there) => there === expected);
    expect(await found()).toBe(expected);
  }

  test('every row is there once when the server is killed before the commit, in the middle of it and behind it', async () => {
    await insertRows();
    await expectAllOnce();
    // The commit waits for the lock: the checkpoint is durable, and the transaction ends with its connection.
    await insertRows();
    await target.run('BEGIN; SELECT * FROM fsql_sink_epochs FOR UPDATE');
    checkpoint();
    await eventually(
      'both sinks wait for the lock',
      () => texts('SELECT count(*) FROM pg_locks WHERE NOT granted'),
      ([waiting]) => waiting === '2',
    );
    await server.kill();
    await target.run('COMMIT');
    await server.restart();
    await insertRows();
    await expectAllOnce();
    // The commit is done, and the state does not know of it.
    await insertRows();
    const epoch = (): Promise<string[]> => texts("SELECT epoch FROM fsql_sink_epochs WHERE name = 'copy'");
    const [before] = await epoch();
    checkpoint();
    await eventually('the sink has committed', epoch, ([now]) => now !== before);
    await server.kill();
    await server.restart();
    await insertRows();
    await expectAllOnce();
  }, 180_000);

  test('every row is there once, whenever the server is killed', async () => {
    const rounds = crashRounds(2);
    const random = testRandom('a sink into PostgreSQL', `${rounds} rounds`);
    for (let round = 0; round < rounds; round++) {
      await insertRows();
      checkpoint();
      await sleep(random.nextInt(60));
      await server.kill();
      await server.restart();
      await insertRows();
    }
    await expectAllOnce();
  }, 300_000);

  test('while the database takes no connections the cause is shown and rows wait; later they arrive', async () => {
    const lastError = (): Promise<string | null> => server.value("SELECT last_error FROM fsql_catalog.sink_progress WHERE sink = 'copy'");
    await insertRows();
    await expectAllOnce();
    await target.run("UPDATE pg_database SET datallowconn = false WHERE datname = 'postgres'");
    await target.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fsql'");
    await insertRows();
    await server.rows('CHECKPOINT');
    await eventually('the cause is shown', lastError, (error) => error?.includes('not currently accepting connections') === true);
    await target.run("UPDATE pg_database SET datallowconn = true WHERE datname = 'postgres'");
    await insertRows();
    await expectAllOnce();
    await eventually('the cause has gone', lastError, (error) => error === null);
  }, 180_000);

  test("Flink's form: a table with a key over jdbc, and INSERT into it", async () => {
    const jdbc = `'connector' = 'jdbc', 'url' = 'jdbc:postgresql://127.0.0.1:${target.port}/postgres', 'username' = 'postgres', 'password' = 'postgres'`;
    await target.run('DROP TABLE IF EXISTS totals; CREATE TABLE totals ("Key" bigint PRIMARY KEY, n bigint)');
    await server.rows(`CREATE TABLE totals ("Key" BIGINT, n BIGINT, PRIMARY KEY ("Key") NOT ENFORCED) WITH (${jdbc}, 'table-name' = 'totals')`);
    await server.rows('INSERT INTO totals VALUES (-1, 5)');
    expect(await texts('SELECT * FROM totals')).toEqual(['-1 5']);
    await server.rows('INSERT INTO totals SELECT id % 2, count(*) FROM rows GROUP BY 1');
    await insertRows();
    await server.rows('CHECKPOINT');
    await eventually(
      'the totals are in the target',
      () => texts('SELECT * FROM totals ORDER BY 1'),
      (rows) => rows.join() === '-1 5,0 20,1 20',
    );
  });

  test('a table that is not there, and one that does not take the rows, are refused at CREATE', async () => {
    const sink = (table: string, query: string): Promise<unknown> =>
      server.rows(
        `CREATE SINK refused WITH (connector = 'postgres', host = '127.0.0.1', port = '${target.port}', user = 'postgres', password = 'postgres', table = '${table}') AS ${query}`,
      );
    await expect(sink('nowhere', 'SELECT id FROM rows')).rejects.toMatchObject({
      code: '42P01',
      hint: expect.stringContaining('CREATE TABLE "public"."nowhere"'),
    });
    await expect(sink('copy', 'SELECT id AS idd FROM rows')).rejects.toMatchObject({ code: '42703', hint: expect.stringContaining('"id"') });
    await expect(sink('copy', "SELECT 'x' AS id FROM rows")).rejects.toMatchObject({ code: '42804' });
    await expect(sink('copy', 'SELECT max(id) AS id FROM rows')).rejects.toMatchObject({
      code: '0A000',
      hint: expect.stringContaining('primary_key'),
    });
  });
});
