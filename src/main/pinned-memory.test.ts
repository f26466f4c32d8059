import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqlState, silentLogger } from '../base/index.ts';
import type { ServerSession } from '../session/index.ts';
import { openLocalSession } from './local-session.ts';
import { type Database, openDatabase } from './open-database.ts';
import { rowsOf } from './testing/index.ts';

const PINNED_BYTES_MAX = 1024 * 1024;
const ROUND_BYTES = 200_000;

let database: Database;
let writer: ServerSession;

beforeEach(async () => {
  database = await openDatabase({ dataDir: null, slots: 2, host: 'in-thread', logger: silentLogger, pinnedBytesMax: PINNED_BYTES_MAX });
  writer = await openLocalSession(database, () => undefined);
  await rowsOf(
    writer,
    `CREATE TABLE big (id INT PRIMARY KEY, v TEXT); CREATE TABLE small (id INT PRIMARY KEY);
     CREATE MATERIALIZED VIEW total AS SELECT count(*) AS n, sum(length(v)) AS size FROM big;
     INSERT INTO big VALUES (1, 'x'); INSERT INTO small VALUES (1);`,
  );
});

afterEach(async () => {
  await writer.close();
  await database.close();
});

async function write(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) await rowsOf(writer, `UPDATE big SET v = repeat('${round % 10}', ${ROUND_BYTES})`);
}

async function begun(): Promise<ServerSession> {
  const session = await openLocalSession(database, () => undefined);
  await rowsOf(session, 'BEGIN');
  await rowsOf(session, 'SELECT * FROM small');
  return session;
}

test('a transaction whose epoch takes too much memory gets 72000, and nobody else notices', async () => {
  const slow = await begun();
  await write(2);
  expect(await rowsOf(slow, 'SELECT n, size FROM total; SELECT length(v) FROM big')).toEqual(['1 1', '1']);
  await write(12);
  const later = await begun();
  await write(1);
  // What it reads has not changed, or takes next to nothing.
  expect(await rowsOf(slow, 'SELECT id FROM small')).toEqual(['1']);
  await expect(rowsOf(slow, 'SELECT length(v) FROM big')).rejects.toMatchObject({ code: SqlState.snapshotTooOld });
  expect(await rowsOf(later, `SELECT length(v), left(v, 1) FROM big; SELECT n, size FROM total; COMMIT`)).toEqual([
    `${ROUND_BYTES} 1`,
    `1 ${ROUND_BYTES}`,
  ]);
  expect(await rowsOf(writer, 'SELECT length(v), left(v, 1) FROM big')).toEqual([`${ROUND_BYTES} 0`]);
  await rowsOf(slow, 'ROLLBACK');
  expect(await rowsOf(slow, 'SELECT left(v, 1) FROM big')).toEqual(['0']);
  await slow.close();
  await later.close();
});
