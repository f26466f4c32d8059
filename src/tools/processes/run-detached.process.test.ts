import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ServerProcess, spawnFsql } from './server-process.ts';
import { temporaryDirectory } from './temporary-directory.ts';

let server: ServerProcess | null = null;
afterEach(async () => {
  await server?.dispose();
  server = null;
});

async function fsql(...args: readonly string[]): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawnFsql(args);
  const [out, errors]: [string[], string[]] = [[], []];
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout: out.join(''), stderr: errors.join('') };
}

test('a file is handed to a server, which names its jobs and goes on with them', { timeout: 60_000 }, async () => {
  server = await ServerProcess.start();
  const file = join(temporaryDirectory(), 'job.sql');
  const run = (...more: readonly string[]) => fsql('run', file, '--detach', '-p', String(server!.port), ...more);
  writeFileSync(
    file,
    `CREATE TABLE t (id INT PRIMARY KEY, n INT);
     CREATE MATERIALIZED VIEW v AS SELECT n, count(*) AS rows FROM t GROUP BY n;
     CREATE SINK nowhere WITH (connector = 'blackhole') AS SELECT n FROM v;`,
  );
  expect(await run()).toMatchObject({ code: 0, stdout: 'v\nnowhere\n' });
  await server.rows('INSERT INTO t VALUES (1, 1), (2, 1)');
  await server.rows('FLUSH');
  expect(await server.rows('SELECT n, rows FROM v')).toEqual([['1', '2']]);

  writeFileSync(file, 'CREATE MATERIALIZED VIEW w AS SELECT count(*) AS c FROM v;\nCREATE MATERIALIZED VIEW x AS SELECT nothing FROM v;');
  const failed = await run('--json');
  expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('column "nothing" does not exist') });
  expect(
    failed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([{ job: 'w', state: 'RUNNING' }]);

  expect((await fsql('run', file, '-p', String(server.port))).code).toBe(2);
  expect((await fsql('run', file, '--detach', '--slots', '2')).stderr).toContain("option '--detach' cannot be used with option '--slots <n>'");
  const frontEnd = await fsql('serve', '--jobmanager', '127.0.0.1:1', '--from-savepoint', 'x');
  expect(frontEnd).toMatchObject({ code: 2, stderr: expect.stringContaining("cannot be used with option '--from-savepoint <dir>'") });
  expect((await fsql('serve', '--jobmanager', '127.0.0.1:1', '--state-memory-mb', '64')).code).toBe(2);
});
