import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ServerProcess, spawnFsql } from './server-process.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const started: ServerProcess[] = [];
const keep = (server: ServerProcess): ServerProcess => {
  started.push(server);
  return server;
};

afterEach(async () => {
  for (const server of started.splice(0)) await server.dispose();
});

/** Runs a command to its end. */
async function fsql(...args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawnFsql(args);
  let output = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr!.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output };
}

describe('savepoints', { timeout: 120_000 }, () => {
  test('outlive a server that is killed, and another one goes on from them in a new directory', async () => {
    const first = keep(await ServerProcess.start({ slots: 2 }));
    const client = await first.connect();
    await client.query('CREATE TABLE t (id INT PRIMARY KEY, n INT)');
    await client.query('CREATE MATERIALIZED VIEW v AS SELECT n % 3 AS r, count(*) AS rows, sum(n) AS total FROM t GROUP BY 1');
    await client.query('INSERT INTO t SELECT i, i * 7 FROM generate_series(1, 500) AS i');
    await client.query('FLUSH');
    const folder = temporaryDirectory();
    const [one, other] = [join(folder, 'one'), join(folder, 'other')];
    const before = await first.rows('SELECT * FROM v ORDER BY r');
    expect((await fsql('savepoint', 'create', one, '-p', String(first.port))).code).toBe(0);
    await client.query('DELETE FROM t WHERE id <= 100');
    await client.query(`CREATE SAVEPOINT '${other}'`);
    await client.end();
    await first.kill();

    expect(await fsql('savepoint', 'verify', one)).toEqual({ code: 0, output: expect.stringContaining('sound') });
    expect((await fsql('savepoint', 'inspect', one)).output).toContain('view v (job ');
    expect(await fsql('savepoint', 'diff', one, one)).toEqual({ code: 0, output: 'the state is equal\n' });
    expect(await fsql('savepoint', 'diff', one, other)).toEqual({
      code: 1,
      output: expect.stringMatching(/^t · .*: 100 only in the first, 0 only in the second, 0 changed$/m),
    });

    const second = keep(await ServerProcess.start({ slots: 1, args: ['--from-savepoint', one] }));
    expect(await second.rows('SELECT * FROM v ORDER BY r')).toEqual(before);
    const list = `SELECT relation, state, sum(rows) > 0 FROM fsql_catalog.restored_state GROUP BY 1, 2 ORDER BY 1`;
    const restored = [
      ['t', 'restored', 't'],
      ['v', 'restored', 't'],
    ];
    expect(await second.rows(list)).toEqual(restored);
    await second.rows('INSERT INTO t VALUES (501, 0)');
    await second.rows('FLUSH');
    expect(await second.value('SELECT sum(rows) FROM v')).toBe('501');
    expect(await second.value('SELECT count(*) FROM fsql_catalog.savepoints')).toBe('0');
    expect((await second.rows('CHECK STATE')).every(([, , , problem]) => problem === null)).toBe(true);
    // The option stays in the command line: the directory goes on, crash or not.
    await second.kill();
    await second.restart();
    expect(await second.value('SELECT sum(rows) FROM v')).toBe('501');
    expect(await second.rows(list)).toEqual(restored);
    const third = join(folder, 'third');
    const made = await fetch(`http://127.0.0.1:${second.httpPort}/api/v1/jobs/v/savepoint`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ directory: third }),
    });
    expect([made.status, await made.json()]).toMatchObject([200, { job: { name: 'v', state: 'RUNNING' }, savepoint: { savepoint_path: third } }]);
    expect((await fsql('savepoint', 'verify', third)).code).toBe(0);

    truncateSync(join(other, 'catalog.json'), 10);
    expect(await fsql('savepoint', 'verify', other)).toEqual({
      code: 1,
      output: expect.stringContaining('catalog.json: it has 10 bytes instead of'),
    });
    const refused = keep(ServerProcess.launch({ args: ['--from-savepoint', other] }));
    expect((await refused.end()).code).toBe(1);
    expect(refused.log).toContain('file "catalog.json" of the savepoint');
    expect(await fsql('savepoint', 'inspect', folder)).toEqual({ code: 1, output: expect.stringContaining('is not a savepoint') });
  });
});
