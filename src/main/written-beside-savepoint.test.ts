import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import { openInThread, runIn } from './testing/index.ts';

test('a savepoint made while a table is written has all rows up to one of them, and the table goes on behind it', async () => {
  const folder = temporaryDirectory();
  const savepoint = join(folder, 'savepoint');
  const first = await openInThread(join(folder, 'first'));
  await runIn(
    first,
    'CREATE TABLE t (n INT); CREATE MATERIALIZED VIEW v AS SELECT count(*) AS rows, max(n) AS last FROM t; INSERT INTO t VALUES (1)',
  );

  let written = 1;
  let taken = false;
  const writing = (async () => {
    while (!taken) await runIn(first, `INSERT INTO t VALUES (${++written})`);
  })();
  await runIn(first, `CREATE SAVEPOINT '${savepoint}'`);
  taken = true;
  await writing;
  await first.close();

  const second = await openInThread(join(folder, 'second'), { fromSavepoint: savepoint });
  const [kept] = await runIn(second, 'SELECT rows FROM v');
  expect(Number(kept)).toBeGreaterThan(0);
  expect(Number(kept)).toBeLessThanOrEqual(written);
  expect(await runIn(second, 'SELECT count(*), max(n) FROM t')).toEqual([`${kept} ${kept}`]);
  await runIn(second, 'INSERT INTO t VALUES (1000000)');
  expect(await runIn(second, 'SELECT rows, last FROM v')).toEqual([`${Number(kept) + 1} 1000000`]);
  await second.close();
});
