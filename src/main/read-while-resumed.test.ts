import { expect, test } from 'vitest';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import { openInThread, runIn } from './testing/index.ts';

const RESUMES = 5;
const TEST_MS_MAX = 120_000;

test('reads of a view and of others are answered while it is paused and goes on again and again', { timeout: TEST_MS_MAX }, async () => {
  const database = await openInThread(temporaryDirectory());
  await runIn(
    database,
    `CREATE TABLE t (k INT PRIMARY KEY, n INT); INSERT INTO t VALUES (1, 0), (2, 0); CREATE MATERIALIZED VIEW v AS SELECT k, n FROM t;
     CREATE TABLE u (k INT); CREATE MATERIALIZED VIEW w AS SELECT k FROM u`,
  );
  let isOver = false;
  const errors = new Set<string>();
  const again = async (sql: string): Promise<void> => {
    while (!isOver) {
      await runIn(database, sql).catch((error: Error) => errors.add(error.message));
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  };
  const read = 'SELECT (SELECT count(*) FROM v), (SELECT count(*) FROM w), (SELECT count(*) FROM t)';
  const others = [again('INSERT INTO u VALUES (1)'), again('UPDATE t SET n = n + 1'), again(read), again('SELECT count(*) FROM v')];
  for (let resume = 0; resume < RESUMES; resume++) await runIn(database, 'PAUSE v; RESUME v');
  isOver = true;
  await Promise.all(others);
  expect([...errors]).toEqual([]);
  await database.close();
});
