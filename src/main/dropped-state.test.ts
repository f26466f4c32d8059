import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SqlState } from '../base/index.ts';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import type { Database } from './open-database.ts';
import { openInThread, runIn } from './testing/index.ts';

/** As another version, or somebody with an editor, would: the text means something else, the state is what it was. */
async function withQuery(database: Database, view: string, query: string): Promise<void> {
  const relation = database.engine.snapshot.relation('public', view)!;
  await database.engine.catalog.commit([{ kind: 'put-relation', relation: { ...relation, query } }]);
}

const DEFINITIONS = `
  CREATE TABLE t (id INT PRIMARY KEY, shop TEXT, n INT);
  CREATE MATERIALIZED VIEW v AS SELECT shop, sum(n) AS total FROM t GROUP BY shop;
  CREATE MATERIALIZED VIEW w AS SELECT max(total) AS highest, count(*) AS shops FROM v;
  CREATE MATERIALIZED VIEW kept AS SELECT count(*) AS rows FROM t;
  INSERT INTO t VALUES (1, 'a', 10), (2, 'a', 5), (3, 'b', 7)`;

test('a start whose plans do not read all of the state is refused, says what would be lost, and changes nothing; allowed, it builds that anew', async () => {
  const dataDir = temporaryDirectory();
  const first = await openInThread(dataDir);
  await runIn(first, DEFINITIONS);
  const before = first.engine.snapshot.relation('public', 'v')!.query!;
  await withQuery(first, 'v', 'SELECT shop, sum(n + 1) AS total FROM t GROUP BY shop');
  await first.close();

  for (let attempt = 0; attempt < 2; attempt++) {
    await expect(openInThread(dataDir)).rejects.toMatchObject({
      code: SqlState.objectNotInPrerequisiteState,
      message: 'the checkpoint holds state of view "v" that would be dropped',
      detail: expect.stringMatching(
        /^v: Aggregate by shop · .* \(hash-aggregate [0-9a-f]{24}\), table "groups", 2 rows, \d+ bytes: no operator of the plan goes on with it$/m,
      ),
      hint: expect.stringContaining('--allow-dropped-state'),
    });
  }

  const second = await openInThread(dataDir, { allowDroppedState: true });
  await runIn(second, "INSERT INTO t VALUES (4, 'b', 1)");
  expect(await runIn(second, 'SELECT shop, total FROM v ORDER BY shop')).toEqual(['a 17', 'b 10']);
  expect(await runIn(second, 'SELECT highest, shops FROM w')).toEqual(['17 2']);
  expect(await runIn(second, 'SELECT rows FROM kept')).toEqual(['4']);
  await second.close();

  // What has been built anew has state of its own by now: nothing has to be allowed any more.
  const third = await openInThread(dataDir);
  await runIn(third, 'DELETE FROM t WHERE id = 1');
  expect(await runIn(third, 'SELECT shop, total FROM v ORDER BY shop')).toEqual(['a 6', 'b 10']);
  await withQuery(third, 'v', before);
  await third.close();
  await expect(openInThread(dataDir)).rejects.toThrow('would be dropped');
});

test('a savepoint is held to the same', async () => {
  const folder = temporaryDirectory();
  const first = await openInThread(join(folder, 'first'));
  await runIn(first, DEFINITIONS);
  await withQuery(first, 'kept', 'SELECT count(*) + 0 AS rows, 1 AS one FROM t');
  await runIn(first, `CREATE SAVEPOINT '${join(folder, 'savepoint')}'`);
  await first.close();
  const restored = { fromSavepoint: join(folder, 'savepoint') };
  await expect(openInThread(join(folder, 'second'), restored)).rejects.toThrow('the checkpoint holds state of view "kept" that would be dropped');
  const second = await openInThread(join(folder, 'second'), { ...restored, allowDroppedState: true });
  expect(await runIn(second, 'SELECT highest, shops FROM w')).toEqual(['15 2']);
  await second.close();
});

test('rows of a table are nowhere else: no flag drops them', async () => {
  const dataDir = temporaryDirectory();
  const first = await openInThread(dataDir);
  await runIn(first, DEFINITIONS);
  const relation = first.engine.snapshot.relation('public', 't')!;
  await first.engine.catalog.commit([{ kind: 'put-relation', relation: { ...relation, columns: relation.columns.slice(0, 2) } }]);
  await runIn(first, 'DROP MATERIALIZED VIEW w; DROP MATERIALIZED VIEW v; DROP MATERIALIZED VIEW kept');
  await first.close();
  await expect(openInThread(dataDir, { allowDroppedState: true })).rejects.toThrow('the checkpoint holds state of table "t" that would be dropped');
});
