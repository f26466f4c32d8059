import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import { openInThread, runIn } from './testing/index.ts';

/** Runs a definition; returns the data directory as a machine that stops right before the catalog names it would leave it: the first checkpoint has it already. */
async function stoppedBeforeCatalog(dataDir: string, definition: string): Promise<string> {
  const left = temporaryDirectory();
  const database = await openInThread(dataDir);
  const { catalog } = database.engine;
  const { commit } = catalog;
  catalog.commit = (entries) => {
    cpSync(dataDir, left, { recursive: true, filter: (path) => !path.endsWith('LOCK') });
    return commit.call(catalog, entries);
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

  const left = await stoppedBeforeCatalog(dataDir, interrupted);
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
