import { afterAll, beforeAll, expect, test } from 'vitest';
import { RealPostgres } from '../functions/testing/real-postgres.ts';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import { openLocalSession } from './local-session.ts';
import { comparedAnswer, openInThread, rowsOf } from './testing/index.ts';

let postgres: RealPostgres;

beforeAll(async () => {
  postgres = await RealPostgres.start();
});
afterAll(() => postgres.stop());

/** Run one after another on both sides; what is in the tables is compared behind each. */
const STATEMENTS = [
  "WITH x AS (INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c') RETURNING a, upper(b) AS u) SELECT * FROM x",
  'WITH x AS (DELETE FROM t WHERE a = 3) SELECT count(*) FROM t',
  "WITH x AS (UPDATE t SET b = b || '!' RETURNING *) SELECT x.b, t.b FROM x JOIN t ON t.a = x.a",
  "WITH x AS (UPDATE t SET b = 'u' WHERE a = 1 RETURNING *), y AS (INSERT INTO log SELECT * FROM x RETURNING b) SELECT count(*), min(b) FROM y",
  'WITH d AS (DELETE FROM t WHERE a = 2 RETURNING *) INSERT INTO log SELECT * FROM d RETURNING *',
  "WITH i AS (INSERT INTO t VALUES (7, 'x'), (8, 'y') RETURNING a) UPDATE log SET a = i.a FROM i WHERE i.a = log.a + 6 RETURNING log.a, log.b",
  'WITH one (n) AS (SELECT 9), two (k) AS (INSERT INTO t SELECT n, NULL FROM one RETURNING a) SELECT n + k FROM one, two',
  "WITH RECURSIVE r AS (SELECT 20 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 23), i AS (INSERT INTO log SELECT n, 'r' FROM r RETURNING a) SELECT sum(a), count(*) FROM i",
  "WITH m AS (MERGE INTO t USING (VALUES (9, 'm'), (40, 'n')) s(a, b) ON s.a = t.a WHEN MATCHED THEN UPDATE SET b = s.b WHEN NOT MATCHED THEN INSERT VALUES (s.a, s.b) RETURNING merge_action(), t.a) SELECT * FROM m",
  "WITH x AS (WITH y AS (SELECT 50 AS a) INSERT INTO t SELECT a, 'inner' FROM y RETURNING *) SELECT * FROM x",
  'WITH x AS (INSERT INTO t VALUES (60)) SELECT count(*) FROM t',
  'WITH x AS (INSERT INTO t VALUES (61)) INSERT INTO t VALUES (61)',
  'WITH x AS (INSERT INTO t VALUES (62)), y AS (INSERT INTO t VALUES (1)) SELECT 1',
  'WITH x AS (DELETE FROM t RETURNING a) SELECT 1 / (a - a) FROM x',
  'WITH x AS (DELETE FROM t) SELECT * FROM x',
  'SELECT * FROM (WITH x AS (DELETE FROM t RETURNING a) SELECT * FROM x) AS y',
  'INSERT INTO log WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x',
  'WITH x AS (WITH y AS (DELETE FROM t RETURNING *) INSERT INTO log SELECT * FROM y) SELECT 1',
  'WITH x AS (INSERT INTO t SELECT * FROM y RETURNING a), y AS (SELECT 1) SELECT * FROM x',
  'WITH x (p, q, r) AS (DELETE FROM t RETURNING a) SELECT * FROM x',
  'WITH x AS (DELETE FROM t RETURNING a), x AS (SELECT 1) SELECT * FROM x',
  "WITH old AS (DELETE FROM t RETURNING a, b) INSERT INTO t SELECT a, coalesce(b, '') || a FROM old WHERE a > 5 RETURNING *",
];

test('modifications in WITH answer and leave what they do in PostgreSQL', async () => {
  const database = await openInThread(temporaryDirectory());
  const session = await openLocalSession(database, () => undefined);
  const ours = (sql: string): Promise<readonly string[]> => comparedAnswer(() => rowsOf(session, sql)).then(sorted);
  const theirs = (sql: string): Promise<readonly string[]> =>
    comparedAnswer(async () => (await postgres.table(sql)).rows.map((row) => row.map((text) => text ?? '').join(' '))).then(sorted);
  const tables = 'CREATE TABLE t (a INT PRIMARY KEY, b TEXT); CREATE TABLE log (a INT, b TEXT)';
  await postgres.run(tables);
  await rowsOf(session, tables);
  for (const sql of [...STATEMENTS.flatMap((statement) => [statement, 'SELECT * FROM t', 'SELECT * FROM log'])]) {
    expect([sql, await ours(sql)]).toEqual([sql, await theirs(sql)]);
  }
  await session.close();
  await database.close();
});

function sorted(lines: readonly string[]): readonly string[] {
  return [...lines].sort();
}
