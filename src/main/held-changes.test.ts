import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SqlState } from '../base/index.ts';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import type { Database } from './open-database.ts';
import { TestBench } from './test-bench.ts';
import { openInThread, runIn } from './testing/index.ts';

const dataDir = join(temporaryDirectory(), 'data');

/** Does `work` in a server on a machine whose clock shows that time of a day. */
async function at<Result>(time: string, work: (database: Database) => Promise<Result>): Promise<Result> {
  const database = await openInThread(dataDir, { checkpointIntervalMs: 0, bench: new TestBench(new Date(`2024-01-01T${time}:00Z`), []) });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

const since = (from: string): string => `DECLARE c SUBSCRIPTION CURSOR FOR held SINCE ${from}; FETCH 100 FROM c WITH (timeout = '0s')`;

test('a cursor is told that changes are gone, though the clock has gone back to where they would still be held', async () => {
  const first = await at('10:00', async (database) => {
    await runIn(
      database,
      "CREATE TABLE t (n INT PRIMARY KEY); CREATE SUBSCRIPTION held FROM t WITH (retention = '1 hour'); INSERT INTO t VALUES (1), (2)",
    );
    return runIn(database, since('begin()'));
  });
  expect(first.map((row) => row.split(' ')[0])).toEqual(['1', '2']);
  const timestamp = first[0]!.split(' ').at(-1)!;
  await at('10:10', async (database) => {
    await runIn(database, 'INSERT INTO t VALUES (3)');
    expect(await runIn(database, since(timestamp))).toHaveLength(1);
  });
  await at('12:00', (database) => runIn(database, 'INSERT INTO t VALUES (4); CHECKPOINT'));
  await at('10:20', async (database) => {
    await expect(runIn(database, since(timestamp))).rejects.toMatchObject({ code: SqlState.snapshotTooOld });
    expect(await runIn(database, since('begin()'))).toEqual([expect.stringMatching(/^4 Insert /)]);
  });
});
