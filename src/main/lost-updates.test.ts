import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { SqlError, SqlState } from '../base/index.ts';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import { openLocalSession, runText } from './local-session.ts';
import { openInThread, rowsOf, runIn } from './testing/index.ts';

/** Longer than a statement that does not wait for the other session takes. */
const WAITED_MS = 300;

/** Each of them adds one to row 1 of `t`, and leaves its block open. */
const openBlocks = [
  'BEGIN; UPDATE t SET n = n + 1 WHERE k = 1',
  'BEGIN; INSERT INTO t VALUES (1, 0) ON CONFLICT (k) DO UPDATE SET n = t.n + 1',
  'BEGIN; INSERT INTO t VALUES (1, 0) ON CONFLICT (k) DO UPDATE SET n = t.n + 1; SELECT * FROM t',
  'BEGIN; SELECT * FROM t; INSERT INTO t VALUES (1, 0) ON CONFLICT (k) DO UPDATE SET n = t.n + 1',
  'BEGIN; MERGE INTO t USING (VALUES (1)) AS s (k) ON s.k = t.k WHEN MATCHED THEN UPDATE SET n = t.n + 1',
  'BEGIN; SAVEPOINT a; TRUNCATE t; ROLLBACK TO a; UPDATE t SET n = n + 1 WHERE k = 1',
  'UPDATE t SET n = n + 1 WHERE k = 1; BEGIN',
  'UPDATE t SET n = n + 1 WHERE k = 1; BEGIN; SELECT * FROM v',
  'INSERT INTO t VALUES (1, 0) ON CONFLICT (k) DO UPDATE SET n = t.n + 1; BEGIN',
];
const others = [
  'UPDATE t SET n = n + 10 WHERE k = 1',
  'INSERT INTO t VALUES (1, 0) ON CONFLICT (k) DO UPDATE SET n = t.n + 10',
  'BEGIN; UPDATE t SET n = n + 10 WHERE k = 1; COMMIT',
];

test.each(openBlocks.flatMap((block) => others.map((other) => [block, other])))(
  'no acknowledged update is lost: %s, and meanwhile %s',
  async (block, other) => {
    const database = await openInThread(temporaryDirectory());
    await runIn(database, 'CREATE TABLE t (k INT PRIMARY KEY, n INT); INSERT INTO t VALUES (1, 0)');
    await runIn(database, 'CREATE MATERIALIZED VIEW v AS SELECT n, count(*) AS c FROM t GROUP BY n');
    const session = await openLocalSession(database, () => undefined);
    await runText(session, block, () => undefined);
    const isDone = (running: Promise<unknown>): Promise<boolean> =>
      running.then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ code: '40001' });
          return false;
        },
      );
    const meanwhile = isDone(runIn(database, other));
    await Promise.race([meanwhile, sleep(WAITED_MS)]);
    const committed = await isDone(rowsOf(session, 'COMMIT'));
    const n = (committed ? 1 : 0) + ((await meanwhile) ? 10 : 0);
    expect(await runIn(database, 'SELECT * FROM t')).toEqual([`1 ${n}`]);
    expect(await runIn(database, 'SELECT * FROM v')).toEqual([`${n} 1`]);
    await session.close();
    await database.close();
  },
);

test('an epoch that a block has waited for and is pinned only after its end is let go', async () => {
  const database = await openInThread(temporaryDirectory());
  await runIn(database, 'CREATE TABLE t (k INT)');
  const { cluster } = database.engine;
  const pin = cluster.pin.bind(cluster);
  let held = 0;
  let goOn: () => void = () => undefined;
  const waited = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  cluster.pin = async (...request) => {
    await waited;
    const pinned = await pin(...request);
    held++;
    return {
      epoch: pinned.epoch,
      release: () => {
        held--;
        pinned.release();
      },
    };
  };
  const session = await openLocalSession(database, () => undefined);
  const reading = rowsOf(session, 'BEGIN; SELECT * FROM t');
  await sleep(WAITED_MS);
  session.cancel(new SqlError({ code: SqlState.queryCanceled, message: 'enough' }));
  await expect(reading).rejects.toThrow('enough');
  await rowsOf(session, 'ROLLBACK');
  goOn();
  await sleep(WAITED_MS);
  expect(held).toBe(0);
  await session.close();
  await database.close();
});
