import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryDirectory } from './temporary-directory.ts';

const launcher = fileURLToPath(new URL('../../../bin/fsql.js', import.meta.url));

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `fsql run` of the first of the files, in the directory that has them all. */
function runFiles(files: Readonly<Record<string, string>>, ...options: readonly string[]): Promise<Run> {
  const cwd = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [launcher, 'run', '--memory', Object.keys(files)[0]!, ...options], { cwd }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

test('RUN SCRIPT runs a file in its place, and an error is shown where it stands', async () => {
  const done = await runFiles({
    'main.sql': "CREATE TABLE a (id INT PRIMARY KEY);\nRUN SCRIPT 'rows.sql';\nSELECT count(*) AS n FROM a;\nSELECT nope;",
    'rows.sql': "INSERT INTO a VALUES (1), (2); RUN SCRIPT 'more.sql'",
    'more.sql': 'INSERT INTO a VALUES (3);',
  });
  expect(done.stdout).toContain(' 3\n');
  expect(done.stderr).toContain('LINE 4: SELECT nope');
  expect(done.code).toBe(1);
});

test('what fails in a script ends the run', async () => {
  const done = await runFiles({ 'main.sql': "RUN SCRIPT 'bad.sql'; SELECT 'not reached'", 'bad.sql': 'SELECT 1 / 0' });
  expect(done).toMatchObject({ code: 1, stdout: '' });
  expect(done.stderr).toContain('division by zero');
});

test('a script that runs itself, and one that is not there', async () => {
  expect(await runFiles({ 'main.sql': "RUN SCRIPT 'main.sql'" })).toMatchObject({ code: 2, stderr: expect.stringContaining('more than 100 files') });
  expect(await runFiles({ 'main.sql': "RUN SCRIPT 'none.sql'" })).toMatchObject({ code: 2, stderr: expect.stringContaining('no such file') });
});

test('each statement of a file is one of its own: what one has written is in the views the next reads, and BEGIN is what makes several one', async () => {
  const done = await runFiles({
    'main.sql': `CREATE TABLE t (id INT PRIMARY KEY);
CREATE MATERIALIZED VIEW v AS SELECT 'seen ' || count(*) AS n FROM t;
INSERT INTO t VALUES (1), (2);
SELECT n FROM v;
BEGIN;
INSERT INTO t VALUES (3);
SELECT n FROM v;
COMMIT;
SELECT n FROM v;
INSERT INTO t VALUES (4);
SELECT 1 / 0;`,
  });
  expect(done.stdout.match(/seen \d/g)).toEqual(['seen 2', 'seen 2', 'seen 3']);
  expect(done.code).toBe(1);
});

test('a file that cannot be read to its end does nothing', async () => {
  const done = await runFiles({ 'main.sql': 'CREATE TABLE t (id INT);\nSELECT 1;\nSELEC 2;' });
  expect(done).toMatchObject({ code: 1, stdout: '' });
  expect(done.stderr).toContain('LINE 3: SELEC 2;');
  expect(done.stderr).not.toContain('CREATE TABLE');
});

test('--until-idle ends what reads unbounded inputs, when no row has come for so long', async () => {
  const main = 'CREATE TABLE t (id INT PRIMARY KEY);\nCREATE MATERIALIZED VIEW v AS SELECT count(*) AS n FROM t;\nINSERT INTO t VALUES (1), (2);';
  const done = await runFiles({ 'main.sql': main }, '--until-idle', '100 ms', '--json');
  expect(done.code).toBe(0);
  expect(JSON.parse(done.stdout)).toMatchObject({ job: 'v', state: 'RUNNING', rows_in: 2 });
  for (const wrong of ['0', 'soon', '-1s'])
    expect(await runFiles({ 'main.sql': main }, `--until-idle=${wrong}`)).toMatchObject({ code: 2, stderr: expect.stringContaining('takes a time') });
});

test('rows in are those a job has read, however many vertices they go through', async () => {
  const rows = Array.from({ length: 1000 }, (_, id) => JSON.stringify({ id, k: id % 10 })).join('\n');
  const done = await runFiles(
    {
      'main.sql': `CREATE STREAM s (id INT, k INT) WITH (connector = 'filesystem', path = 'in.jsonl', format = 'json');
CREATE MATERIALIZED VIEW counts AS SELECT k % 3 AS g, count(*) AS n FROM s GROUP BY k % 3;
CREATE MATERIALIZED VIEW pairs AS SELECT a.k, count(*) AS n FROM s a JOIN s b ON a.id = b.id + 1 GROUP BY a.k;`,
      'in.jsonl': rows,
    },
    '--slots',
    '2',
    '--json',
  );
  const jobs = done.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(jobs).toMatchObject([
    { job: 'counts', state: 'FINISHED', rows_in: 1000 },
    { job: 'pairs', state: 'FINISHED', rows_in: 2000 },
  ]);
});
