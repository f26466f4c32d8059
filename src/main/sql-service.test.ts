import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqlError, silentLogger } from '../base/index.ts';
import type { SqlPart, SqlService } from '../server/index.ts';
import { type Database, openDatabase } from './open-database.ts';
import { sqlServiceOf } from './sql-service.ts';

let database: Database;
let service: SqlService;

beforeEach(async () => {
  database = await openDatabase({ dataDir: null, slots: 1, host: 'in-thread', logger: silentLogger });
  service = sqlServiceOf(database.engine);
});

afterEach(() => database.close());

const goesOn = new AbortController().signal;

async function run(sql: string, params: readonly unknown[] | null = null, signal = goesOn): Promise<SqlPart[]> {
  const parts: SqlPart[] = [];
  for await (const part of service.run({ sql, params }, signal)) parts.push(part);
  return parts;
}

async function rows(sql: string, params: readonly unknown[] | null = null): Promise<unknown[]> {
  return (await run(sql, params)).flatMap((part) => (part.kind === 'rows' ? part.rows.map((row) => JSON.parse(row) as unknown) : []));
}

test('statements of a text, with what each gives', async () => {
  expect(await run("CREATE TABLE t (id INT PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'a'); SELECT * FROM t; DROP TABLE IF EXISTS u")).toEqual([
    { kind: 'done', command: 'CREATE TABLE' },
    { kind: 'done', command: 'INSERT 0 1' },
    {
      kind: 'columns',
      columns: [
        { name: 'id', type: 'integer' },
        { name: 'v', type: 'text' },
      ],
    },
    { kind: 'rows', rows: ['{"id":1,"v":"a"}'] },
    { kind: 'done', command: 'SELECT 1' },
    { kind: 'done', command: 'DROP TABLE' },
    { kind: 'notice', severity: 'NOTICE', message: 'table "u" does not exist, skipping' },
  ]);
});

test('values are those of row_to_json, and rows that stand several times come several times', async () => {
  const values =
    "12::int8 AS i, 1.50 AS n, 'NaN'::float8 AS f, true AS b, ARRAY[1, NULL] AS a, ROW(1, 'x') AS r, '{\"k\": [1]}'::jsonb AS j, NULL AS z";
  expect(await rows(`SELECT ${values}, timestamp '2024-01-02 03:04:05' AS at, 'é"\\' AS t`)).toEqual([
    { i: 12, n: 1.5, f: 'NaN', b: true, a: [1, null], r: { f1: 1, f2: 'x' }, j: { k: [1] }, z: null, at: '2024-01-02T03:04:05', t: 'é"\\' },
  ]);
  expect(await rows('SELECT 1 AS a FROM generate_series(1, 3)')).toEqual([{ a: 1 }, { a: 1 }, { a: 1 }]);
});

test('parameters have the types they are wanted in', async () => {
  const sql = 'SELECT $1::int + 1 AS i, $2::text AS t, $3::jsonb AS j, $4::int[] AS a, $5::date AS d';
  expect(await rows(sql, [41, "it's", { a: 1 }, [1, 2], '2024-02-29'])).toEqual([{ i: 42, t: "it's", j: { a: 1 }, a: [1, 2], d: '2024-02-29' }]);
  await expect(run('SELECT $1::int', [])).rejects.toMatchObject({ code: '08P01' });
  await expect(run('SELECT $1::int', [{}])).rejects.toMatchObject({ code: '22023' });
});

test('a failed statement leaves nothing of its text behind; COPY FROM STDIN has no client here', async () => {
  await run('CREATE TABLE t (id INT PRIMARY KEY)');
  await expect(run('INSERT INTO t VALUES (1); SELECT 1 / 0')).rejects.toMatchObject({ code: '22012' });
  expect(await rows('SELECT * FROM t')).toEqual([]);
  await expect(run('COPY t FROM STDIN')).rejects.toMatchObject({ code: '0A000' });
});

test('a subscription gives rows until whoever asked has gone', async () => {
  await run('CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (7)');
  for (const sql of ['SUBSCRIBE t', 'COPY (SUBSCRIBE t) TO STDOUT', 'SELECT * FROM t EMIT CHANGES'])
    expect(service.isSubscription(sql), sql).toBe(true);
  for (const sql of ['SELECT * FROM t', 'COPY t TO STDOUT', 'SELEC']) expect(service.isSubscription(sql), sql).toBe(false);
  const gone = new AbortController();
  const got: string[] = [];
  const reading = (async () => {
    for await (const part of service.run({ sql: 'SUBSCRIBE t WITH (SNAPSHOT)', params: null }, gone.signal)) {
      if (part.kind !== 'rows') continue;
      got.push(...part.rows);
      gone.abort();
    }
  })();
  await expect(reading).rejects.toBeInstanceOf(SqlError);
  expect(JSON.parse(got[0]!)).toMatchObject({ id: 7, fsql_diff: 1 });
});
