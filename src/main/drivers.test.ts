import pg from 'pg';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../base/adapters/system-clock.ts';
import { silentLogger } from '../base/index.ts';
import { createPgServer, type PgServer } from '../server/index.ts';
import { createSessionFactory } from '../session/index.ts';
import { type Database, openDatabase } from './open-database.ts';

// What drivers do with a whole engine behind the protocol: the places where a wrong answer would not even look like one.

let database: Database;
let server: PgServer;
let port: number;
let client: pg.Client;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await openDatabase({ dataDir: null, slots: 1, host: 'in-thread', logger: silentLogger });
  server = createPgServer({ host: '127.0.0.1', port: 0, clock: systemClock, sessions: createSessionFactory(database.engine) });
  ({ port } = await server.listen());
  client = new pg.Client({ host: '127.0.0.1', port, user: 'fsql', database: 'fsql' });
  await client.connect();
  sql = postgres({ host: '127.0.0.1', port, user: 'fsql', database: 'fsql', max: 1, onnotice: () => undefined });
});

afterAll(async () => {
  await sql.end();
  await client.end();
  await server.close(0);
  await database.close();
});

it('never sends rows of another shape than a prepared statement has', async () => {
  await sql`CREATE TABLE again (k int)`;
  await sql`INSERT INTO again VALUES (5)`;
  expect([...(await sql`SELECT * FROM again`)]).toEqual([{ k: 5 }]);
  await sql`DROP TABLE again`;
  await sql`CREATE TABLE again (k text, m int)`;
  await sql`INSERT INTO again VALUES ('abc', 1)`;
  // postgres.js prepares again on PostgreSQL's message.
  expect([...(await sql`SELECT * FROM again`)]).toEqual([{ k: 'abc', m: 1 }]);
  await client.query({ name: 'all', text: 'SELECT * FROM again' });
  await client.query('DROP TABLE again');
  await client.query('CREATE TABLE again (k text)');
  await expect(client.query({ name: 'all', text: 'SELECT * FROM again' })).rejects.toMatchObject({
    code: '0A000',
    message: 'cached plan must not change result type',
  });
  await client.query('DROP TABLE again');
});

it('cancels a statement that computes and never waits, while others are answered', async () => {
  const hog = sql`SELECT count(*) FROM generate_series(1, 1000000000)`;
  const outcome = hog.then(
    () => 'finished',
    (error: { code: string }) => error.code,
  );
  await client.query('SELECT 1');
  await client.query('SELECT 2');
  hog.cancel();
  expect(await outcome).toBe('57014');
});

/** COPY … FROM STDIN as a query object of node-postgres: `stored`, or code and context of the error. */
class CopyInto implements pg.Submittable {
  readonly outcome: Promise<unknown>;
  readonly #text: string;
  readonly #lines: string;
  #settle: (outcome: unknown) => void = () => undefined;

  constructor(text: string, lines: string) {
    this.#text = text;
    this.#lines = lines;
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  submit(connection: pg.Connection): void {
    connection.query(this.#text);
  }

  handleCopyInResponse(connection: { sendCopyFromChunk(bytes: Buffer): void; endCopyFrom(): void }): void {
    connection.sendCopyFromChunk(Buffer.from(this.#lines));
    connection.endCopyFrom();
  }

  handleError(error: { readonly code: string; readonly where: string }): void {
    this.#settle([error.code, error.where]);
  }

  handleCommandComplete(): void {
    this.#settle('stored');
  }

  handleReadyForQuery(): void {
    // The outcome is known already.
  }
}

it('warns of a view whose join tests every pair of rows', async () => {
  await client.query('CREATE TABLE bounds (low int PRIMARY KEY, high int)');
  const warnings: string[] = [];
  const hear = (notice: { readonly severity?: string | undefined; readonly message?: string | undefined }): void => {
    warnings.push(`${notice.severity}: ${notice.message}`);
  };
  client.on('notice', hear);
  await client.query('CREATE MATERIALIZED VIEW crossing AS SELECT a.low FROM bounds a JOIN bounds b ON a.low BETWEEN b.low AND b.high');
  // One row on a side is no such work.
  await client.query('CREATE MATERIALIZED VIEW below_top AS SELECT low FROM bounds JOIN (SELECT max(low) AS top FROM bounds) m ON high < top');
  client.off('notice', hear);
  expect(warnings).toEqual(['WARNING: a join without an equality between its sides tests every pair of rows, in one task']);
});

it('gives every copied row a number of its own, and computes from what was copied', async () => {
  await sql`CREATE TABLE counted (id int GENERATED ALWAYS AS IDENTITY, v int, doubled int GENERATED ALWAYS AS (v * 2 + id) STORED)`;
  expect(await client.query(new CopyInto('COPY counted (v) FROM STDIN', '5\n6\n7\n')).outcome).toBe('stored');
  expect(await client.query(new CopyInto('COPY counted (id, v) FROM STDIN', '50\t8\n')).outcome).toBe('stored');
  await sql`INSERT INTO counted (v) VALUES (9)`;
  const rows = [...(await sql`SELECT id, v, doubled FROM counted ORDER BY v`)];
  expect(rows.map(({ id, v, doubled }) => [id, v, doubled])).toEqual([
    [1, 5, 11],
    [2, 6, 14],
    [3, 7, 17],
    [50, 8, 66],
    [4, 9, 22],
  ]);
  await sql`DROP TABLE counted`;
});

it('names the line of a copied row that breaks a constraint, and stores nothing', async () => {
  await sql`CREATE TABLE copied (id int PRIMARY KEY, v text NOT NULL)`;
  await sql`INSERT INTO copied VALUES (7, 'here')`;
  const copy = (lines: string) => client.query(new CopyInto('COPY copied FROM STDIN', lines)).outcome;
  expect(await copy('1\ta\n2\t\\N\n')).toEqual(['23502', 'COPY copied, line 2']);
  expect(await copy('1\ta\n2\tb\n7\tc\n')).toEqual(['23505', 'COPY copied, line 3']);
  expect(await copy('1\ta\nx\tb\n')).toEqual(['22P02', 'COPY copied, line 2, column id: "x"']);
  expect([...(await sql`SELECT id FROM copied`)]).toEqual([{ id: 7 }]);
  expect(await copy('1\ta\n')).toBe('stored');
  await sql`DROP TABLE copied`;
});
