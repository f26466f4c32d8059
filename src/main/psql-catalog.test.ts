import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../base/adapters/system-clock.ts';
import { silentLogger } from '../base/index.ts';
import { createPgServer, type PgServer } from '../server/index.ts';
import { createSessionFactory } from '../session/index.ts';
import { type Database, openDatabase } from './open-database.ts';

let database: Database;
let server: PgServer;
let client: pg.Client;
let port: number;

beforeAll(async () => {
  database = await openDatabase({ dataDir: null, slots: 1, host: 'in-thread', logger: silentLogger });
  server = createPgServer({ host: '127.0.0.1', port: 0, clock: systemClock, sessions: createSessionFactory(database.engine) });
  ({ port } = await server.listen());
  client = new pg.Client({ host: '127.0.0.1', port, user: 'fsql', database: 'fsql' });
  await client.connect();
  await client.query('CREATE TABLE t (id int PRIMARY KEY, v numeric(10,2) DEFAULT 0, at timestamptz)');
  await client.query('CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n FROM t');
  await client.query('CREATE TABLE c (a int CHECK (a > 0), b text CONSTRAINT one_b UNIQUE, PRIMARY KEY (a), UNIQUE NULLS NOT DISTINCT (b, a))');
  await client.query('CREATE VIEW w AS SELECT id FROM t');
});

afterAll(async () => {
  await client.end();
  await server.close(0);
  await database.close();
});

it("answers every catalog query of psql's commands", { timeout: 60_000 }, async () => {
  const corpus = readFileSync(new URL('../catalog/system/psql-queries.sql', import.meta.url), 'utf8');
  const queries = corpus.split(/\n\n(?=-- \\)/).slice(1);
  const failures: string[] = [];
  for (const query of queries) {
    await client.query(query).catch((error: Error) => failures.push(`${query.split('\n')[0]}: ${error.message}`));
  }
  expect(queries.length).toBeGreaterThan(80);
  expect(failures).toEqual([]);
});

describe('psql', { timeout: 60_000 }, () => {
  const psql = async (command: string): Promise<string> => {
    const { stdout } = await promisify(execFile)('psql', ['-X', '-h', '127.0.0.1', '-p', String(port), '-U', 'fsql', '-d', 'fsql', '-c', command]);
    return stdout;
  };

  it('lists what the user has made, and nothing of the system', async () => {
    expect(await psql('\\d')).toBe(`             List of relations
 Schema | Name |       Type        | Owner 
--------+------+-------------------+-------
 public | c    | table             | fsql
 public | m    | materialized view | fsql
 public | t    | table             | fsql
 public | w    | view              | fsql
(4 rows)

`);
  });

  it('describes a table with its types, defaults and key', async () => {
    expect(await psql('\\d t')).toBe(`                          Table "public.t"
 Column |           Type           | Collation | Nullable | Default 
--------+--------------------------+-----------+----------+---------
 id     | integer                  |           | not null | 
 v      | numeric(10,2)            |           |          | 0
 at     | timestamp with time zone |           |          | 
Indexes:
    "t_pkey" PRIMARY KEY, btree (id)

`);
  });

  it('describes UNIQUE and CHECK', async () => {
    expect(await psql('\\d c')).toBe(`                 Table "public.c"
 Column |  Type   | Collation | Nullable | Default 
--------+---------+-----------+----------+---------
 a      | integer |           | not null | 
 b      | text    |           |          | 
Indexes:
    "c_pkey" PRIMARY KEY, btree (a)
    "c_b_a_key" UNIQUE CONSTRAINT, btree (b, a) NULLS NOT DISTINCT
    "one_b" UNIQUE CONSTRAINT, btree (b)
Check constraints:
    "c_a_check" CHECK (a > 0)

`);
  });

  it('shows the query of a view', async () => {
    expect(await psql('\\d+ m')).toContain('View definition:\nSELECT count(*) AS n FROM t;\n');
  });
});
