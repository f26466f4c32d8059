import { expect, test } from 'vitest';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import { openInThread, runIn } from './testing/index.ts';

const ITEMS = 12;
const TAKE =
  'WITH taken AS (DELETE FROM queue WHERE id = (SELECT min(id) FROM queue) RETURNING id) INSERT INTO done SELECT id FROM taken RETURNING id';
const GIVE_BACK =
  'WITH back AS (DELETE FROM done WHERE id = (SELECT max(id) FROM done) RETURNING id) INSERT INTO queue SELECT id FROM back RETURNING id';

test('sessions that move rows at the same time move each of them once, without an error', async () => {
  const dataDir = temporaryDirectory();
  const database = await openInThread(dataDir);
  await runIn(
    database,
    `CREATE TABLE queue (id INT PRIMARY KEY); CREATE TABLE done (id INT PRIMARY KEY); INSERT INTO queue SELECT generate_series(1, ${ITEMS})`,
  );
  await runIn(
    database,
    'CREATE MATERIALIZED VIEW total AS SELECT count(*) AS n FROM (SELECT id FROM queue UNION ALL SELECT id FROM done) AS both_tables',
  );
  const taken = await Promise.all(Array.from({ length: ITEMS }, () => runIn(database, TAKE)));
  expect(
    taken
      .flat()
      .map(Number)
      .sort((left, right) => left - right),
  ).toEqual(Array.from({ length: ITEMS }, (_, index) => index + 1));
  // In both directions at once: the locks are taken in one order, whatever the order of the parts.
  await Promise.all(Array.from({ length: ITEMS }, (_, index) => runIn(database, index % 2 === 0 ? TAKE : GIVE_BACK)));
  expect(await runIn(database, 'SELECT n FROM total')).toEqual([`${ITEMS}`]);
  const before = await runIn(database, 'SELECT id FROM done ORDER BY id');
  await database.close();
  const again = await openInThread(dataDir);
  expect(await runIn(again, 'SELECT id FROM done ORDER BY id')).toEqual(before);
  expect(await runIn(again, 'SELECT count(*) FROM (TABLE queue UNION TABLE done) AS both_tables')).toEqual([`${ITEMS}`]);
  await again.close();
});
