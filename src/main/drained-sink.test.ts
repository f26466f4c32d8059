import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../tools/processes/temporary-directory.ts';
import { openInThread, runIn } from './testing/index.ts';

function written(folder: string): string[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean)).sort();
}

test('a savepoint behind a drain has the sink finished: all its windows are written, and nothing comes after them', async () => {
  const folder = temporaryDirectory();
  const output = join(folder, 'output');
  const first = await openInThread(join(folder, 'first'));
  await runIn(
    first,
    `CREATE STREAM s (k INT, at TIMESTAMP, WATERMARK FOR at AS at - INTERVAL '1 second');
     CREATE SINK k WITH (connector = 'filesystem', path = '${output}', format = 'json') AS
       SELECT k, count(*) AS n FROM TUMBLE(s, at, INTERVAL '1 minute') GROUP BY window_start, window_end, k EMIT ON WINDOW CLOSE;
     INSERT INTO s VALUES (1, '2024-01-01 00:00:01'), (1, '2024-01-01 00:00:02'), (2, '2024-01-01 00:01:00')`,
  );
  await runIn(first, `STOP JOB k WITH SAVEPOINT '${join(folder, 'savepoint')}' WITH DRAIN`);
  const all = ['{"k":1,"n":2}', '{"k":2,"n":1}'];
  expect(written(output)).toEqual(all);
  expect(await runIn(first, "SELECT name FROM fsql_catalog.jobs WHERE kind = 'sink'")).toEqual([]);
  await first.close();

  const second = await openInThread(join(folder, 'second'), { fromSavepoint: join(folder, 'savepoint') });
  await runIn(second, "INSERT INTO s VALUES (2, '2024-01-01 00:01:01'), (3, '2024-01-01 01:00:00'); CHECKPOINT");
  expect(await runIn(second, "SELECT state FROM fsql_catalog.jobs WHERE name = 'k'")).toEqual(['FINISHED']);
  expect(written(output)).toEqual(all);
  await runIn(second, 'STOP JOB k');
  await second.close();
});
