import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqlError, SqlState, silentLogger } from '../base/index.ts';
import type { ServerSession } from '../session/index.ts';
import { openLocalSession } from './local-session.ts';
import { type Database, openDatabase } from './open-database.ts';
import { rowsOf } from './testing/index.ts';

let database: Database;
let block: ServerSession;
let other: ServerSession;

beforeEach(async () => {
  database = await openDatabase({ dataDir: null, slots: 2, host: 'in-thread', logger: silentLogger });
  [block, other] = [await openLocalSession(database, () => undefined), await openLocalSession(database, () => undefined)];
  await rowsOf(
    other,
    `CREATE TABLE t (id INT PRIMARY KEY, n INT);
     INSERT INTO t VALUES (1, 10), (2, 20);
     CREATE MATERIALIZED VIEW v AS SELECT sum(n) AS n FROM t;`,
  );
});

afterEach(async () => {
  await block.close();
  await other.close();
  await database.close();
});

const jobs = (): Promise<string[]> => rowsOf(other, 'SELECT DISTINCT name FROM fsql_catalog.jobs ORDER BY 1');

test('nobody else sees a definition, nor a row of the block, before COMMIT', async () => {
  await rowsOf(block, 'BEGIN; CREATE TABLE made (a INT); INSERT INTO made VALUES (1); INSERT INTO t VALUES (3, 30); DROP MATERIALIZED VIEW v');
  await expect(rowsOf(other, 'SELECT * FROM made')).rejects.toMatchObject({ code: SqlState.undefinedTable });
  expect(await rowsOf(other, 'SELECT n FROM v; SELECT count(*) FROM t')).toEqual(['30', '2']);
  expect(await jobs()).toEqual(['t', 'v']);
  await rowsOf(block, 'COMMIT');
  expect(await rowsOf(other, 'SELECT * FROM made; SELECT count(*) FROM t')).toEqual(['1', '3']);
  expect(await jobs()).toEqual(['made', 't']);
});

test.each([
  ['a table that the block alters is dropped', 'ALTER TABLE t ADD COLUMN m INT', 'DROP TABLE t CASCADE'],
  [
    'what the block reads is replaced',
    'CREATE MATERIALIZED VIEW w AS SELECT n FROM v',
    'CREATE OR REPLACE MATERIALIZED VIEW v AS SELECT max(n) AS n FROM t',
  ],
  ['what the block drops has a reader now', 'DROP MATERIALIZED VIEW v', 'CREATE VIEW w AS SELECT n FROM v'],
  ['what the block renames has another name now', 'ALTER TABLE t RENAME TO u', 'ALTER TABLE t RENAME TO s'],
])('COMMIT fails when meanwhile %s', async (_, own, others) => {
  // The block is not to wait for its own lock.
  await rowsOf(block, 'BEGIN; CREATE TABLE made (a INT)');
  await rowsOf(block, own);
  await rowsOf(other, others);
  const before = await jobs();
  await expect(rowsOf(block, 'COMMIT')).rejects.toMatchObject({ code: SqlState.serializationFailure });
  await expect(rowsOf(block, 'SELECT * FROM made')).rejects.toMatchObject({ code: SqlState.undefinedTable });
  expect(await jobs()).toEqual(before);
});

test('COMMIT fails when the name has been taken, or a row that the block changed', async () => {
  await rowsOf(block, 'BEGIN; CREATE TABLE made (a INT)');
  await rowsOf(other, 'CREATE TABLE made (b INT)');
  await expect(rowsOf(block, 'COMMIT')).rejects.toMatchObject({ code: SqlState.duplicateTable });
  await rowsOf(block, 'BEGIN; CREATE TABLE more (a INT); UPDATE t SET n = 11 WHERE id = 1');
  await rowsOf(other, 'UPDATE t SET n = 12 WHERE id = 1');
  await expect(rowsOf(block, 'COMMIT')).rejects.toMatchObject({ code: SqlState.serializationFailure });
  await expect(rowsOf(block, 'SELECT * FROM more')).rejects.toMatchObject({ code: SqlState.undefinedTable });
  expect(await rowsOf(block, 'SELECT n FROM v')).toEqual(['32']);
});

test('who writes to a table that a block alters waits for its end, and then finds the new rules', async () => {
  await rowsOf(block, 'BEGIN; ALTER TABLE t ADD CHECK (n < 100)');
  let done = false;
  const writing = rowsOf(other, 'INSERT INTO t VALUES (4, 1000)').then(
    () => null,
    (error: unknown) => {
      done = true;
      return error;
    },
  );
  await rowsOf(block, 'INSERT INTO t VALUES (3, 30)');
  expect(done).toBe(false);
  await rowsOf(block, 'COMMIT');
  expect(await writing).toMatchObject({ code: SqlState.checkViolation });
  expect(await rowsOf(other, 'SELECT n FROM v')).toEqual(['60']);
});

test('a block goes on with the catalog it has read', async () => {
  await rowsOf(block, 'BEGIN; SELECT n FROM v');
  await rowsOf(other, 'CREATE OR REPLACE MATERIALIZED VIEW v AS SELECT max(n) AS n FROM t; CREATE TABLE later (a INT)');
  expect(await rowsOf(block, 'CREATE TABLE made (a INT); SELECT n FROM v; INSERT INTO made SELECT n FROM v; SELECT * FROM made; COMMIT')).toEqual([
    '30',
    '30',
  ]);
  expect(await rowsOf(block, 'SELECT * FROM made; SELECT n FROM v')).toEqual(['30', '20']);
});

test('a disk that is full once the rows are written is waited for: a start would write them again', async () => {
  const { catalog } = database.engine;
  const commit = catalog.commit.bind(catalog);
  let commits = 0;
  catalog.commit = (entries) => {
    commits++;
    if (commits !== 2) return commit(entries);
    return Promise.reject(new SqlError({ code: SqlState.diskFull, message: 'no space left on device', class: 'external' }));
  };
  await rowsOf(block, 'BEGIN; CREATE TABLE made (a INT); INSERT INTO t VALUES (3, 30); COMMIT');
  expect(commits).toBe(3);
  await rowsOf(block, 'BEGIN; CREATE TABLE another (a INT); INSERT INTO t VALUES (4, 40); COMMIT');
  expect(await rowsOf(other, 'SELECT count(*) FROM t')).toEqual(['4']);
});
