import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from './open-database.ts';
import { openInThread, runIn } from './testing/index.ts';

const SKEW_MS = 1_000;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fsql-future-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const open = (): Promise<Database> => openInThread(join(folder, 'data'));

test('a row refused for lying in the future is in no later view, also when its time has come and after a restart', async () => {
  let database = await open();
  const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * SKEW_MS).toISOString();
  const lines = [inSeconds(0), inSeconds(3), inSeconds(-60)].map((ts, index) => JSON.stringify({ a: 2 ** index, ts }));
  await writeFile(join(folder, 'rows.json'), `${lines.join('\n')}\n`);
  await runIn(
    database,
    `CREATE STREAM s (a INT, ts TIMESTAMPTZ, WATERMARK FOR ts AS ts - INTERVAL '1 hour')
       WITH (connector = 'filesystem', path = '${join(folder, 'rows.json')}', format = 'json', future_skew = '${SKEW_MS} ms');
     CREATE MATERIALIZED VIEW early AS SELECT count(*) AS n, sum(a) AS total FROM s;`,
  );
  const contentOf = (view: string): Promise<string[]> => runIn(database, `SELECT n, total FROM ${view}`);
  await expect.poll(() => contentOf('early'), { timeout: 30_000 }).toEqual(['2 5']);
  expect(await runIn(database, `SELECT reason FROM bad_rows('s')`)).toEqual(['event time too far in the future']);
  await sleep(3 * SKEW_MS);
  await runIn(database, 'CREATE MATERIALIZED VIEW late AS SELECT count(*) AS n, sum(a) AS total FROM s');
  await expect.poll(() => contentOf('late'), { timeout: 30_000 }).toEqual(['2 5']);
  await database.close();
  database = await open();
  await runIn(database, 'CREATE MATERIALIZED VIEW after AS SELECT count(*) AS n, sum(a) AS total FROM s');
  for (const view of ['early', 'late', 'after']) expect(await contentOf(view), view).toEqual(['2 5']);
  await database.close();
});
