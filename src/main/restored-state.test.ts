import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Logger } from '../base/index.ts';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import type { Database } from './open-database.ts';
import { openInThread, runIn } from './testing/index.ts';

interface Opened {
  readonly database: Database;
  /** What was logged of the state at the start. */
  readonly told: Readonly<Record<string, unknown>>[];
}

async function open(dataDir: string, more: { readonly allowDroppedState?: boolean; readonly fromSavepoint?: string } = {}): Promise<Opened> {
  const told: Readonly<Record<string, unknown>>[] = [];
  const logger: Logger = { log: (_level, message, fields = {}) => void (message.startsWith('went on') && told.push(fields)) };
  return { database: await openInThread(dataDir, { logger, ...more }), told };
}

const run = ({ database }: Opened, text: string): Promise<string[]> => runIn(database, text);

/** By relation: how many operators have which fate, their rows, and where new ones are built from. */
const LIST = `SELECT relation, state, count(*), coalesce(sum(rows), -1), coalesce(sum(bytes) > 0, false), coalesce(min(built_from[1]), '-') FROM fsql_catalog.restored_state GROUP BY 1, 2 ORDER BY 1, 2`;

const DEFINITIONS = `
  CREATE TABLE t (id INT PRIMARY KEY, shop TEXT, n INT);
  CREATE MATERIALIZED VIEW v AS SELECT shop, sum(n) AS total FROM t GROUP BY shop;
  CREATE MATERIALIZED VIEW w AS SELECT max(total) AS highest FROM v;
  INSERT INTO t VALUES (1, 'a', 10), (2, 'a', 5), (3, 'b', 7)`;

test('a start says what became of the state it found, of a directory and of a savepoint', async () => {
  const folder = temporaryDirectory();
  const first = await open(join(folder, 'first'));
  await run(first, DEFINITIONS);
  expect(await run(first, LIST)).toEqual([]);
  expect(first.told).toEqual([]);
  await run(first, `CREATE SAVEPOINT '${join(folder, 'savepoint')}'`);
  await first.database.close();

  const restored = ['t restored 2 3 t -', 'v restored 2 4 t -', 'w restored 2 2 t -'];
  const second = await open(join(folder, 'first'));
  expect(await run(second, LIST)).toEqual(restored);
  expect(second.told).toEqual([expect.objectContaining({ restored: 't, v, w', rows: 9, new: undefined, dropped: undefined })]);
  // The list is of the start: what comes later is in operator_state.
  await run(second, "INSERT INTO t VALUES (4, 'c', 1)");
  await run(second, 'DROP MATERIALIZED VIEW w');
  expect(await run(second, LIST)).toEqual(restored);
  await second.database.close();

  const third = await open(join(folder, 'third'), { fromSavepoint: join(folder, 'savepoint') });
  expect(await run(third, LIST)).toEqual(restored);
  await third.database.close();
});

test('what is built anew at a start is new, with where its rows come from, and what it had is dropped and counted', async () => {
  const dataDir = temporaryDirectory();
  const first = await open(dataDir);
  await run(first, DEFINITIONS);
  const relation = first.database.engine.snapshot.relation('public', 'v')!;
  const query = 'SELECT shop, sum(n) + 0 AS total FROM t WHERE n > 0 GROUP BY shop';
  await first.database.engine.catalog.commit([{ kind: 'put-relation', relation: { ...relation, query } }]);
  await first.database.close();
  const second = await open(dataDir, { allowDroppedState: true });
  expect(await run(second, LIST)).toEqual([
    't restored 2 3 t -',
    'v dropped 2 4 t -',
    'v new 4 -1 f the rows of t',
    'w dropped 2 2 t -',
    'w new 2 -1 f the rows of v',
  ]);
  expect(second.told).toEqual([expect.objectContaining({ restored: 't', new: 'v, w', dropped: 'v, w' })]);
  expect(await run(second, 'SELECT shop, total FROM v ORDER BY shop')).toEqual(['a 15', 'b 7']);
  await second.database.close();
});
