import { readFileSync } from 'node:fs';
import pg from 'pg';
import { expect, test } from 'vitest';
import { splitStatements } from '../sql/index.ts';
import { startServer } from './commands/serve.ts';
import { openLocalSession } from './local-session.ts';
import { openInThread, rowsOf } from './testing/index.ts';

async function withServer(use: (client: pg.Client, other: pg.Client) => Promise<void>): Promise<void> {
  const server = await startServer({ memory: true, testClock: true, host: '127.0.0.1', port: 0, httpPort: 0, slots: 1 });
  const clients = [new pg.Client(server.url), new pg.Client(server.url)];
  try {
    for (const client of clients) await client.connect();
    await use(clients[0]!, clients[1]!);
  } finally {
    for (const client of clients) await client.end();
    await server.close();
  }
}

const shop = new URL('../../sql-tests/testing/shop/', import.meta.url);

/** The statements of a test of the file, as a client sends them. */
function statementsOf(name: string): string[] {
  const text = readFileSync(new URL('pipeline-test.sql', shop), 'utf8');
  const body = text.split(/^--@test: /m).find((part) => part.startsWith(name))!;
  return splitStatements(body.slice(body.indexOf('\n'))).map((statement) => statement.text);
}

test('on a server with the clock of a test a .sql test runs line by line, and sessions see what others have written', {
  timeout: 60_000,
}, async () => {
  await withServer(async (client, other) => {
    await client.query(readFileSync(new URL('pipeline.sql', shop), 'utf8'));
    for (const sql of statementsOf('a minute is final')) await client.query(sql);
    await client.query('CREATE TABLE logins (name TEXT PRIMARY KEY, at TIMESTAMPTZ)');
    await client.query("CREATE MATERIALIZED VIEW recent AS SELECT name FROM logins WHERE at > now() - INTERVAL '1 minute'");
    await client.query('INSERT INTO logins VALUES ($1, now())', ['ada']);
    expect((await other.query('SELECT name, now()::text AS at FROM recent')).rows).toEqual([{ name: 'ada', at: '2024-01-01 00:00:00+00' }]);
    await other.query("ADVANCE CLOCK BY INTERVAL '61 seconds'");
    expect((await client.query('SELECT count(*)::int AS n, now()::text AS at FROM recent')).rows).toEqual([{ n: 0, at: '2024-01-01 00:01:01+00' }]);
  });
});

test('elsewhere time is not moved; sessions look at changes each for itself', async () => {
  const database = await openInThread('', { dataDir: null });
  const [session, other] = [await openLocalSession(database, () => undefined), await openLocalSession(database, () => undefined)];
  try {
    for (const sql of ["ADVANCE CLOCK BY INTERVAL '1 second'", "ADVANCE WATERMARK nothing TO '2024-01-01'"])
      await expect(rowsOf(session, sql)).rejects.toMatchObject({
        code: '55000',
        position: 0,
        hint: expect.stringContaining('fsql serve --test-clock'),
      });
    await rowsOf(session, 'CREATE TABLE t (a INT); INSERT INTO t VALUES (1), (1)');
    await rowsOf(session, "ASSERT CHANGES t = (VALUES ('+I', 1), ('+I', 1))");
    await rowsOf(session, 'DELETE FROM t; INSERT INTO t VALUES (2)');
    await rowsOf(session, "ASSERT CHANGES t = (VALUES ('-D', 1), ('-D', 1), ('+I', 2))");
    await rowsOf(other, "ASSERT CHANGES t = (VALUES ('+I', 2))");
    await rowsOf(session, 'CREATE MATERIALIZED VIEW v AS SELECT sum(a) AS s FROM t; ASSERT EQUIVALENT v');
  } finally {
    await session.close();
    await other.close();
    await database.close();
  }
});
