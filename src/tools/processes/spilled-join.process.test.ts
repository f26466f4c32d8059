import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { ServerProcess } from './server-process.ts';
import { temporaryDirectory } from './temporary-directory.ts';

let server: ServerProcess | undefined;
afterEach(() => server?.dispose());

const ROWS = 40_000;
const KEYS = 20_000;
const STATE_MEMORY_MB = 1;
const SLOTS = 2;
const TEXT = 'a text of sixty characters that makes a row worth its memory';

/** Row r of the left file has key r % KEYS, row r of the right one (r * 7) % KEYS. */
function writeFiles(directory: string): { readonly pairs: number; readonly total: number } {
  const left: string[] = [];
  const right: string[] = [];
  const leftSums = new Map<number, { count: number; sum: number }>();
  for (let row = 0; row < ROWS; row++) {
    const key = row % KEYS;
    left.push(JSON.stringify({ k: key, v: row, t: `${TEXT} ${row}` }));
    const sums = leftSums.get(key) ?? { count: 0, sum: 0 };
    leftSums.set(key, { count: sums.count + 1, sum: sums.sum + row });
  }
  let pairs = 0;
  let total = 0;
  for (let row = 0; row < ROWS; row++) {
    const key = (row * 7) % KEYS;
    right.push(JSON.stringify({ k: key, w: row % 3, t: `${TEXT} ${row}` }));
    pairs += leftSums.get(key)!.count;
    total += leftSums.get(key)!.sum * (row % 3);
  }
  writeFileSync(join(directory, 'left.json'), `${left.join('\n')}\n`);
  writeFileSync(join(directory, 'right.json'), `${right.join('\n')}\n`);
  return { pairs, total };
}

test('a join of more than four times the memory for state finishes, right, and after kill -9 in the middle too', { timeout: 180_000 }, async () => {
  const directory = temporaryDirectory();
  const expected = writeFiles(directory);
  server = await ServerProcess.start({ slots: SLOTS, args: ['--state-memory-mb', String(STATE_MEMORY_MB)] });
  for (const statement of [
    `CREATE STREAM lefts (k INT, v BIGINT, t TEXT) WITH (connector = 'filesystem', path = '${directory}/left.json', format = 'json')`,
    `CREATE STREAM rights (k INT, w BIGINT, t TEXT) WITH (connector = 'filesystem', path = '${directory}/right.json', format = 'json')`,
    `CREATE MATERIALIZED VIEW joined AS SELECT count(*) AS pairs, sum(v * w) AS total, max(lefts.t || rights.t) AS largest FROM lefts JOIN rights USING (k)`,
  ]) {
    await server.rows(statement);
  }
  const spilledBytes = async (): Promise<number> => Number((await server!.rows('SELECT sum(spilled_bytes) FROM fsql_catalog.operator_state'))[0]![0]);
  await eventually('something has spilled', spilledBytes, (bytes) => bytes > 0, 60_000);
  await server.kill();
  server.relaunch();
  await server.ready();
  const answer = JSON.stringify([[String(expected.pairs), String(expected.total)]]);
  await eventually(
    'the join is complete',
    () => server!.rows('SELECT pairs, total FROM joined'),
    (rows) => JSON.stringify(rows) === answer,
    90_000,
  );
  await eventually('most of the state is on disk', spilledBytes, (bytes) => bytes > 3 * SLOTS * STATE_MEMORY_MB * 1024 * 1024, 10_000);
  const scratch = join(server.dataDir, 'scratch');
  const places = (): string[] => readdirSync(scratch).flatMap((slot) => readdirSync(join(scratch, slot)));
  expect(places().length).toBeGreaterThan(0);
  await server.end('SIGTERM');
  expect(places()).toEqual([]);
});
