import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import { openLocalSession } from './local-session.ts';
import { openInThread, rowsOf, runIn } from './testing/index.ts';

const TEMPORARY = `CREATE TEMP TABLE numbers (n INT); INSERT INTO numbers VALUES (1), (2);
  CREATE TEMP VIEW large AS SELECT n FROM numbers WHERE n > 1; CREATE TEMP FUNCTION twice(x INT) RETURNS INT LANGUAGE sql RETURN 2 * x`;
const LEFT =
  "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'pg!_temp%' ESCAPE '!'), (SELECT count(*) FROM pg_class WHERE relpersistence = 't')";

test('what is temporary is seen by its session alone, also beside another one with the same names, and ends with it', async () => {
  const database = await openInThread(join(temporaryDirectory(), 'data'));
  const sessions = await Promise.all([1, 2].map(() => openLocalSession(database, () => undefined)));
  for (const session of sessions) await rowsOf(session, TEMPORARY);
  await rowsOf(sessions[1]!, 'INSERT INTO numbers VALUES (3)');
  expect(await rowsOf(sessions[0]!, 'SELECT twice(n) FROM large')).toEqual(['4']);
  expect(await rowsOf(sessions[1]!, 'SELECT twice(n) FROM large ORDER BY n')).toEqual(['4', '6']);
  await expect(runIn(database, 'SELECT * FROM numbers')).rejects.toMatchObject({ code: '42P01' });
  await expect(runIn(database, 'SELECT twice(1)')).rejects.toMatchObject({ code: '42883' });
  await sessions[0]!.close();
  expect(await rowsOf(sessions[1]!, 'SELECT n FROM large ORDER BY n')).toEqual(['2', '3']);
  await sessions[1]!.close();
  expect(await runIn(database, LEFT)).toEqual(['0 0']);
  await database.close();
});

test('what sessions had when the server was killed is gone after a start', async () => {
  const dataDir = join(temporaryDirectory(), 'data');
  const first = await openInThread(dataDir);
  const session = await openLocalSession(first, () => undefined);
  await rowsOf(session, TEMPORARY);
  const killed = temporaryDirectory();
  cpSync(dataDir, killed, { recursive: true, filter: (path) => !path.endsWith('LOCK') });
  await session.close();
  await first.close();
  const second = await openInThread(killed);
  await second.engine.backgroundWork();
  expect(await runIn(second, LEFT)).toEqual(['0 0']);
  await second.close();
});

test('what a view that stays reads outlives the session, and goes at the first start without the view', async () => {
  const dataDir = join(temporaryDirectory(), 'data');
  const first = await openInThread(dataDir);
  await runIn(first, `${TEMPORARY}; CREATE MATERIALIZED VIEW sums AS SELECT sum(n) AS total FROM large; CREATE TEMP TABLE unread (a INT)`);
  expect(await runIn(first, LEFT)).toEqual(['1 2']);
  await first.close();
  const second = await openInThread(dataDir);
  await second.engine.backgroundWork();
  expect(await runIn(second, 'SELECT total FROM sums')).toEqual(['2']);
  expect(await runIn(second, LEFT)).toEqual(['1 2']);
  await runIn(second, 'DROP MATERIALIZED VIEW sums');
  await second.close();
  const third = await openInThread(dataDir);
  await third.engine.backgroundWork();
  expect(await runIn(third, LEFT)).toEqual(['0 0']);
  await third.close();
});
