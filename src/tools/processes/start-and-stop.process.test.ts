import { execFileSync } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { runPsql } from './run-psql.ts';
import { ServerProcess, type ServerProcessOptions } from './server-process.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const started: ServerProcess[] = [];
const keep = (server: ServerProcess): ServerProcess => {
  started.push(server);
  return server;
};

afterEach(async () => {
  for (const server of started.splice(0)) await server.dispose();
});

/** The exit code and what stands on standard error, the log's own lines left out. */
async function refusal(options: ServerProcessOptions): Promise<{ readonly code: number | null; readonly lines: string[] }> {
  const server = keep(ServerProcess.launch(options));
  const { code } = await server.end();
  return { code, lines: server.log.split('\n').filter((line) => line !== '' && !/^\d{4}-\d\d-\d\dT\S+ (info|warn) /.test(line)) };
}

test('a server that can record no epoch any more ends, and what it acknowledged is there at the next start', { timeout: 60_000 }, async () => {
  const server = keep(await ServerProcess.start());
  await server.rows('CREATE TABLE t (a INT)');
  await server.rows('INSERT INTO t SELECT g FROM generate_series(1, 10) AS g');
  const folder = join(server.dataDir, 'epochs');
  const size = statSync(join(folder, readdirSync(folder).sort().at(-1)!)).size;
  // No file may become larger than that: the next write to it fails.
  execFileSync('prlimit', ['--pid', String(server.pid), `--fsize=${size}`]);
  await expect(server.rows('INSERT INTO t VALUES (11)')).rejects.toThrow();
  expect(await server.end()).toEqual({ code: 1, signal: null });
  expect(server.log).toMatch(/ERROR: {2}could not access file ".*epochs.*": EFBIG/);
  await server.restart();
  expect(await server.value('SELECT count(*) FROM t WHERE a <= 10')).toBe('10');
});

describe('a server that cannot start', { timeout: 60_000 }, () => {
  test('on the directory of another one names its port and exits with 2', async () => {
    const first = keep(await ServerProcess.start());
    const { code, lines } = await refusal({ dataDir: first.dataDir });
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`in use by another fsql server \\(process ${first.pid}, port ${first.port}\\)\\. .*psql .*-p ${first.port}`)),
    ]);
    expect(code).toBe(2);
    expect(await first.value('SELECT 1')).toBe('1');
  });

  test('on a port in use says so in one line and exits with 2', async () => {
    const first = keep(await ServerProcess.start());
    const { code, lines } = await refusal({ port: first.port });
    expect(lines).toEqual([expect.stringMatching(`127.0.0.1:${first.port}: the port is in use\\. .*--port`)]);
    expect(code).toBe(2);
  });

  test('on a privileged port or an unwritable directory says what to do and exits with 2', async () => {
    // The superuser may do both; then only a path through a file cannot be written.
    const superuser = process.getuid?.() === 0;
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    const unwritable = await refusal({ dataDir: superuser ? join(file, 'data') : '/usr/fsql' });
    expect(unwritable.lines).toEqual([expect.stringContaining(superuser ? file : '/usr/fsql')]);
    expect(unwritable.code).toBe(2);
    if (superuser) return;
    const privileged = await refusal({ port: 1 });
    expect(privileged.lines).toEqual([expect.stringMatching(/127\.0\.0\.1:1: permission denied\. .*--port/)]);
    expect(privileged.code).toBe(2);
  });

  test('on a directory of a newer version, or of somebody else, leaves it alone', async () => {
    const server = keep(await ServerProcess.start());
    await server.end('SIGTERM');
    const format = join(server.dataDir, 'FORMAT');
    const { formatText } = await import('../../state/durable/directory-format.ts');
    writeFileSync(format, formatText(99));
    const newer = await refusal({ dataDir: server.dataDir });
    expect(newer.lines).toEqual([expect.stringContaining('newer version of fsql')]);
    expect(newer.code).toBe(2);
    expect(readFileSync(format, 'utf8')).toBe(formatText(99));

    const foreign = temporaryDirectory();
    writeFileSync(join(foreign, 'thesis.txt'), 'mine');
    const other = await refusal({ dataDir: foreign });
    expect(other.lines).toEqual([expect.stringContaining('was not made by fsql')]);
    expect(readdirSync(foreign)).toEqual(['thesis.txt']);
  });
});

describe('SIGTERM', { timeout: 60_000 }, () => {
  test('makes a checkpoint and exits with 0; the next start has everything', async () => {
    const server = keep(await ServerProcess.start());
    const input = `CREATE TABLE t (id INT PRIMARY KEY, v TEXT);
      INSERT INTO t SELECT g, 'v' || g FROM generate_series(1, 5000) g;
      CREATE MATERIALIZED VIEW m AS SELECT v LIKE '%7' AS seven, count(*) AS n FROM t GROUP BY 1;`;
    expect((await runPsql({ port: server.port, input, args: ['-v', 'ON_ERROR_STOP=1'] })).stderr).toBe('');
    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
    await server.restart();
    expect(server.log).toMatch(/the data directory is open incarnation=2 checkpoint=[1-9]/);
    expect(await server.rows('SELECT n FROM m ORDER BY n')).toEqual([['500'], ['4500']]);
    expect(await server.value('SELECT count(*) FROM t')).toBe('5000');
  });

  test('ends a server whose client is in the middle of something', async () => {
    const server = keep(await ServerProcess.start());
    await server.rows('CREATE TABLE t (id INT PRIMARY KEY)');
    const copying = runPsql({ port: server.port, args: ['-c', 'COPY (SUBSCRIBE t WITH (SNAPSHOT, PROGRESS)) TO STDOUT'] });
    // Long enough for psql to be in its stream; on a slow machine it may still be connecting, which is no less of a test.
    await sleep(500);
    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect((await copying).code).not.toBe(0);
  });
});

describe('a damaged file', { timeout: 60_000 }, () => {
  async function directoryWithData(): Promise<ServerProcess> {
    const server = keep(await ServerProcess.start());
    await server.rows('CREATE TABLE t (id INT PRIMARY KEY, v TEXT)');
    await server.rows("INSERT INTO t SELECT g, 'v' || g FROM generate_series(1, 2000) g");
    await server.rows('CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n FROM t');
    await server.end('SIGTERM');
    await server.restart();
    await server.rows("INSERT INTO t SELECT g, 'v' || g FROM generate_series(2001, 3000) g");
    await server.end('SIGTERM');
    return server;
  }

  /** Either the answer is the right one, or the server says which file is damaged. */
  async function rightOrNamed(server: ServerProcess, file: string): Promise<string> {
    server.relaunch();
    const ready = await server.ready().then(
      () => true,
      () => false,
    );
    if (!ready) {
      expect(server.log).toContain(file);
      expect(await server.end()).toEqual({ code: 1, signal: null });
      return 'refused';
    }
    const answer = await eventually(
      'an answer',
      () => server.rows('SELECT (SELECT n FROM m), (SELECT count(*) FROM t)'),
      () => true,
    ).catch(String);
    await server.kill();
    if (typeof answer === 'string') expect(`${answer}\n${server.log}`).toContain(file);
    else expect(answer).toEqual([['3000', '3000']]);
    return 'right';
  }

  test('is named, or is not needed; nothing wrong is ever answered', async () => {
    const server = await directoryWithData();
    const results: string[] = [];
    for (const folder of ['manifests', 'segments', 'catalog', 'epochs', 'embedded']) {
      const newest = readdirSync(join(server.dataDir, folder)).sort().at(-1);
      if (newest === undefined) continue;
      const path = join(server.dataDir, folder, newest);
      const good = readFileSync(path);
      if (good.length === 0) continue;
      const flipped = Buffer.from(good);
      flipped[good.length >> 1]! ^= 0x10;
      writeFileSync(path, flipped);
      results.push(`${folder} flipped: ${await rightOrNamed(server, newest)}`);
      if (statSync(path, { throwIfNoEntry: false }) === undefined) continue;
      writeFileSync(path, good);
      appendFileSync(path, Buffer.alloc(7, 0xff));
      results.push(`${folder} with a torn tail: ${await rightOrNamed(server, newest)}`);
      truncateSync(path, good.length);
    }
    process.stderr.write(`damaged files: ${results.join('; ')}\n`);
    expect(results.length).toBeGreaterThan(3);
  });
});
