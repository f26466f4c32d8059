import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RealPostgres } from '../../functions/testing/real-postgres.ts';
import { eventually } from './eventually.ts';
import { ServerProcess } from './server-process.ts';

describe('a lookup join with a table of PostgreSQL', () => {
  let other: RealPostgres;
  let server: ServerProcess;

  beforeAll(async () => {
    other = await RealPostgres.start();
  }, 120_000);
  beforeEach(async () => {
    await other.run(
      "DROP TABLE IF EXISTS customers; CREATE TABLE customers (id bigint PRIMARY KEY, name text); INSERT INTO customers VALUES (1, 'ada'), (2, 'bob')",
    );
    server = await ServerProcess.start();
    await server.rows(`CREATE TABLE customers (id BIGINT, name TEXT, PRIMARY KEY (id) NOT ENFORCED) ${options('customers')}`);
    await server.rows('CREATE TABLE carts (id INT PRIMARY KEY, customer BIGINT)');
  }, 60_000);
  afterEach(async () => server.kill());
  afterAll(async () => other.stop());

  function options(table: string): string {
    return `WITH ('connector' = 'jdbc', 'url' = 'jdbc:postgresql://127.0.0.1:${other.port}/postgres', 'table-name' = '${table}', 'username' = 'postgres', 'password' = 'postgres')`;
  }

  function createView(): Promise<unknown> {
    return server.rows(
      'CREATE MATERIALIZED VIEW names AS SELECT t.id, c.name FROM carts t LEFT JOIN customers FOR SYSTEM_TIME AS OF PROCTIME() AS c ON t.customer = c.id',
    );
  }

  async function names(): Promise<string[]> {
    return (await server.rows('SELECT * FROM names ORDER BY id')).map((row) => Object.values(row).join(' '));
  }

  /** The statements of a test have sessions of their own, each of which sees its own writes alone. */
  async function expectNames(expected: readonly string[]): Promise<void> {
    await eventually('what was written is joined', names, (rows) => rows.join() === expected.join());
  }

  test('what was looked up stays when the server is killed, and is taken back as it was', async () => {
    await createView();
    await server.rows('INSERT INTO carts VALUES (1, 1), (2, 2), (3, 3)');
    await expectNames(['1 ada', '2 bob', '3 ']);
    await server.rows('CHECKPOINT');
    await other.run("UPDATE customers SET name = 'x' || name; INSERT INTO customers VALUES (3, 'cid')");
    await server.kill();
    await server.restart();
    await expectNames(['1 ada', '2 bob', '3 ']);
    await server.rows('DELETE FROM carts WHERE id IN (1, 3)');
    await server.rows('INSERT INTO carts VALUES (4, 1), (5, 3)');
    await expectNames(['2 bob', '4 xada', '5 cid']);
    // The replay begins from a state in which row 2 has its name already.
    await server.kill();
    await server.restart();
    await server.rows('UPDATE carts SET customer = 3 WHERE id = 2');
    await expectNames(['2 cid', '4 xada', '5 cid']);
  }, 180_000);

  test('a table that is not there is told by CREATE', async () => {
    await server.rows(`CREATE TABLE elsewhere (id BIGINT, name TEXT) ${options('nothing')}`);
    await expect(
      server.rows(
        'CREATE MATERIALIZED VIEW bad AS SELECT t.id FROM carts t JOIN elsewhere FOR SYSTEM_TIME AS OF PROCTIME() AS c ON t.customer = c.id',
      ),
    ).rejects.toThrow('relation "public.nothing" does not exist');
  }, 60_000);

  test('while the database takes no connections rows wait; then they are looked up', async () => {
    await createView();
    await server.rows('INSERT INTO carts VALUES (1, 1)');
    await expectNames(['1 ada']);
    await other.run("UPDATE pg_database SET datallowconn = false WHERE datname = 'postgres'");
    await other.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fsql'");
    const insertion = server.rows('INSERT INTO carts VALUES (2, 2)');
    await other.run("UPDATE pg_database SET datallowconn = true WHERE datname = 'postgres'");
    await insertion;
    await expectNames(['1 ada', '2 bob']);
  }, 120_000);
});
