import { expect, test } from 'vitest';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import { openInThread, runIn } from './testing/index.ts';

/** More than anybody would wait for. */
const ROWS = 1_000_000_000;

test('a SELECT with a LIMIT reads a stream until it has enough rows, whoever else has read it', { timeout: 60_000 }, async () => {
  const database = await openInThread(temporaryDirectory());
  await runIn(
    database,
    `CREATE STREAM s (id BIGINT, v INT) WITH (connector = 'datagen', number-of-rows = '${ROWS}', rows-per-second = '0',
       fields.id.kind = 'sequence', fields.id.start = '1', fields.id.end = '${ROWS}', fields.v.min = '1', fields.v.max = '9')`,
  );
  const offset = 'SELECT sum("offset") FROM fsql_catalog.source_partitions';
  const read = async (): Promise<number> => Number((await runIn(database, offset))[0]);
  expect(await runIn(database, 'SELECT v > 0 FROM s LIMIT 3')).toEqual(['t', 't', 't']);
  const first = await read();
  expect(first).toBeGreaterThan(0);
  expect(await runIn(database, 'SELECT id % 10 FROM s WHERE v > 5 AND id % 10 = 1 LIMIT 2')).toEqual(['1', '1']);
  expect(await runIn(database, 'SELECT count(*) FROM (SELECT * FROM s OFFSET 10 LIMIT 5) AS few')).toEqual(['5']);
  expect(await read()).toBeLessThan(ROWS);
  expect(await runIn(database, "SELECT name FROM fsql_catalog.jobs WHERE name <> 's'")).toEqual([]);
  await database.close();
});
