import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import type { Database } from './open-database.ts';
import { openInThread, runIn } from './testing/index.ts';

const ROWS = 100_000;
let database: Database;

beforeEach(async () => {
  database = await openInThread(temporaryDirectory());
  await runIn(
    database,
    `CREATE TABLE t (k INT PRIMARY KEY, n INT); INSERT INTO t VALUES (1, 0), (2, 0);
     CREATE MATERIALIZED VIEW v AS SELECT k, n FROM t;
     CREATE TABLE large AS SELECT g AS k FROM generate_series(1, ${ROWS}) g`,
  );
});
afterEach(() => database.close());

const rescale = (relation: string): Promise<string[]> => runIn(database, `ALTER ${relation} SET PARALLELISM = 1`);

/** The next scan finds that the job has begun anew since the epoch was pinned. */
function beginAnewBeforeScan(relation: string): void {
  const { cluster } = database.engine;
  const scan = cluster.scan.bind(cluster);
  cluster.scan = async function* (...request) {
    cluster.scan = scan;
    await rescale(relation);
    // An epoch that it had not been in before.
    await runIn(database, 'FLUSH');
    yield* scan(...request);
  };
}

/** The next scan is cut off behind its first batch. */
function beginAnewBehindBatch(relation: string): void {
  const { cluster } = database.engine;
  const scan = cluster.scan.bind(cluster);
  cluster.scan = async function* (...request) {
    cluster.scan = scan;
    for await (const batch of scan(...request)) {
      yield batch;
      await rescale(relation);
    }
  };
}

test.each([
  ['SELECT sum(k), sum(n) FROM t', ['3 0']],
  ['SELECT k FROM t ORDER BY k', ['1', '2']],
  ['UPDATE t SET n = n + 1; SELECT sum(n) FROM t', ['2']],
  ['INSERT INTO t SELECT k + 10, n FROM t; SELECT count(*) FROM t', ['4']],
  ['COPY (SELECT k FROM t ORDER BY k) TO STDOUT', ['1', '2']],
])('a statement whose job begins anew before it reads is answered: %s', async (statement, rows) => {
  beginAnewBeforeScan('TABLE t');
  expect(await runIn(database, statement)).toEqual(rows);
});

test.each([
  [`SELECT count(*) FROM large`, `${ROWS}`],
  [`SELECT sum(k) FROM (SELECT k FROM large ORDER BY k LIMIT 3) l`, '6'],
])('a read that is cut off before it has given rows begins again: %s', async (statement, row) => {
  beginAnewBehindBatch('TABLE large');
  expect(await runIn(database, statement)).toEqual([row]);
});

test('one that has given rows ends with an error, and so does one of a block, which reads one epoch', async () => {
  beginAnewBehindBatch('TABLE large');
  const error = { code: '58000', message: 'reading "large" was interrupted by its restart' };
  await expect(runIn(database, 'SELECT k FROM large')).rejects.toMatchObject(error);
  beginAnewBehindBatch('TABLE large');
  await expect(runIn(database, 'BEGIN; SELECT count(*) FROM large')).rejects.toMatchObject(error);
});
