import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import { openInThread, runIn } from './testing/index.ts';

/** Runs a definition; returns the data directory as a machine that stops right before, or right after, the catalog names it would leave it. The first checkpoint has it already. */
async function stoppedAtCatalog(dataDir: string, definition: string, when: 'before' | 'after' = 'before'): Promise<string> {
  const left = temporaryDirectory();
  const database = await openInThread(dataDir);
  const { catalog } = database.engine;
  const { commit } = catalog;
  let stopped = false;
  const stop = (): void => {
    if (!stopped) cpSync(dataDir, left, { recursive: true, filter: (path) => !path.endsWith('LOCK') });
    stopped = true;
  };
  catalog.commit = async (entries) => {
    if (when === 'before') stop();
    const committed = await commit.call(catalog, entries);
    stop();
    return committed;
  };
  await runIn(database, definition);
  await database.close();
  return left;
}

const NAMED = 'CREATE MATERIALIZED VIEW made AS SELECT o.id, i.name FROM orders AS o LEFT JOIN items AS i ON o.item = i.id';

test.each([
  {
    what: 'a view',
    interrupted: NAMED,
    next: NAMED,
    shown: ['1 pen', '2 '],
  },
  {
    what: 'a table with rows',
    interrupted: 'CREATE TABLE made AS SELECT id, item FROM orders',
    next: 'CREATE TABLE made AS SELECT 3 AS id, 4 AS item',
    shown: ['3 4'],
  },
])('what a definition that was interrupted has left does not become part of the next one: $what', async ({ interrupted, next, shown }) => {
  const dataDir = join(temporaryDirectory(), 'data');
  const first = await openInThread(dataDir);
  await runIn(first, 'CREATE TABLE orders (id INT, item INT); CREATE TABLE items (id INT, name TEXT); INSERT INTO orders VALUES (1, 1), (2, 2)');
  await first.close();

  const left = await stoppedAtCatalog(dataDir, interrupted);
  const second = await openInThread(left);
  await expect(runIn(second, 'SELECT * FROM made')).rejects.toThrow('does not exist');
  await runIn(second, "INSERT INTO items VALUES (1, 'pen')");
  await runIn(second, next);
  expect(await runIn(second, 'SELECT * FROM made ORDER BY id')).toEqual(shown);
  await second.close();

  const third = await openInThread(left);
  expect(await runIn(third, 'SELECT * FROM made ORDER BY id')).toEqual(shown);
  await third.close();
});

test('the first read after a start shows the rows of a COMMIT that was interrupted with its definitions', async () => {
  const dataDir = join(temporaryDirectory(), 'data');
  const first = await openInThread(dataDir);
  await runIn(first, 'CREATE TABLE versions (number INT); CREATE MATERIALIZED VIEW newest AS SELECT max(number) AS number FROM versions');
  await runIn(first, 'INSERT INTO versions VALUES (1)');
  await first.close();

  const left = await stoppedAtCatalog(dataDir, 'BEGIN; CREATE TABLE made (id INT); INSERT INTO versions VALUES (2); COMMIT', 'after');
  const second = await openInThread(left);
  expect(await runIn(second, 'SELECT number, (SELECT count(*) FROM made) FROM newest')).toEqual(['2 0']);
  await second.close();
});
