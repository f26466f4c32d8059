import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqlState, silentLogger } from '../base/index.ts';
import type { ServerSession } from '../session/index.ts';
import { openLocalSession } from './local-session.ts';
import { type Database, openDatabase } from './open-database.ts';
import { rowsOf } from './testing/index.ts';

const REPLACEMENTS = 6;

let database: Database;
let writer: ServerSession;

beforeEach(async () => {
  database = await openDatabase({ dataDir: null, slots: 2, host: 'in-thread', logger: silentLogger });
  writer = await openLocalSession(database, () => undefined);
  await rowsOf(
    writer,
    `CREATE TABLE t (id INT PRIMARY KEY, n INT);
     INSERT INTO t VALUES (1, 10), (2, 20);
     CREATE MATERIALIZED VIEW v AS SELECT id, 0 AS version FROM t;
     CREATE MATERIALIZED VIEW w AS SELECT max(version) AS version, count(*) AS rows FROM v;`,
  );
});

afterEach(async () => {
  await writer.close();
  await database.close();
});

const replaceView = (version: number): Promise<string[]> =>
  rowsOf(writer, `CREATE OR REPLACE MATERIALIZED VIEW v AS SELECT id, ${version} AS version FROM t`);

test('readers of a view that is replaced see the old one or the new one, and what reads it at the same', async () => {
  const reader = await openLocalSession(database, () => undefined);
  let replaced = 0;
  const replacing = (async () => {
    for (let version = 1; version <= REPLACEMENTS; version++) {
      await replaceView(version);
      replaced = version;
    }
  })();
  let newest = 0;
  while (replaced < REPLACEMENTS) {
    const before = replaced;
    const [row] = await rowsOf(reader, 'SELECT min(v.version), max(v.version), max(w.version), max(w.rows) FROM v, w');
    const version = Number(row!.split(' ')[0]);
    expect(row).toBe(`${version} ${version} ${version} 2`);
    expect(version).toBeGreaterThanOrEqual(Math.max(newest, before));
    newest = version;
  }
  await replacing;
  expect(await rowsOf(reader, 'SELECT version, rows FROM w')).toEqual([`${REPLACEMENTS} 2`]);
  await reader.close();
});

test('an open block goes on reading what it has read', async () => {
  const block = await openLocalSession(database, () => undefined);
  expect(await rowsOf(block, 'BEGIN; SELECT version FROM w')).toEqual(['0']);
  await replaceView(1);
  await rowsOf(writer, 'INSERT INTO t VALUES (3, 30)');
  expect(await rowsOf(block, 'SELECT version, rows FROM w; SELECT count(*) FROM v; COMMIT')).toEqual(['0 2', '2']);
  expect(await rowsOf(block, 'SELECT version, rows FROM w')).toEqual(['1 3']);
  await block.close();
});

test('a block that has written to a table which is replaced does not commit, and the table can be dropped meanwhile', async () => {
  const block = await openLocalSession(database, () => undefined);
  await rowsOf(block, 'BEGIN; SELECT count(*) FROM t; INSERT INTO t VALUES (4, 40)');
  await rowsOf(writer, 'CREATE OR REPLACE TABLE t (id INT PRIMARY KEY, n INT)');
  await expect(rowsOf(block, 'COMMIT')).rejects.toMatchObject({ code: SqlState.serializationFailure });
  expect(await rowsOf(block, 'SELECT count(*) FROM t; SELECT rows FROM w; BEGIN; SELECT count(*) FROM v')).toEqual(['0', '0', '0']);
  await replaceView(1);
  await rowsOf(writer, 'DROP TABLE t CASCADE');
  await block.close();
});

test('a subscription ends with an error when its relation is replaced', async () => {
  const subscriber = await openLocalSession(database, () => undefined);
  const following = rowsOf(subscriber, 'SUBSCRIBE w').catch((error: unknown) => error);
  const other = await openLocalSession(database, () => undefined);
  const joined = rowsOf(other, 'SUBSCRIBE (SELECT version FROM v)').catch((error: unknown) => error);
  const isSubscribed = (): boolean => database.engine.cluster.jobs().some((job) => job.name.startsWith('temporary_') && job.state === 'RUNNING');
  await expect.poll(isSubscribed, { timeout: 30_000 }).toBe(true);
  await replaceView(1);
  await rowsOf(writer, 'DROP TABLE t CASCADE');
  expect(await following).toMatchObject({ code: SqlState.systemError });
  expect(await joined).toMatchObject({ code: SqlState.systemError });
  await subscriber.close();
  await other.close();
});
