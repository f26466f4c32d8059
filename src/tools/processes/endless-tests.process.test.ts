import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { temporaryDirectory } from './temporary-directory.ts';

const launcher = fileURLToPath(new URL('../../../bin/fsql.js', import.meta.url));
const LIMIT = ['--timeout', '1'];
let folder = '';

beforeEach(() => {
  folder = temporaryDirectory();
});

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function fsql(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [launcher, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (data) => {
      output[name] += data;
    });
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, ...output };
}

function write(name: string, ...records: readonly string[]): void {
  writeFileSync(join(folder, name), `# description: ${name}\n\n${records.join('\n\n')}\n`);
}

const ENDLESS = 'query I\nSELECT id FROM t EMIT CHANGES\n----\n1';
const TABLE = 'statement ok\nCREATE TABLE t (id INT PRIMARY KEY)';

describe('fsql test over what has no end', { timeout: 120_000 }, () => {
  test('fails what waits for something that cannot come, and runs the other files', async () => {
    write('a.slt', TABLE, ENDLESS);
    write('b.slt', 'query I\nSELECT 1\n----\n1');
    const { code, stdout } = await fsql('test', '.', '--jobs', '1');
    expect(stdout).toContain('FAILED a.slt:6: waits for something that cannot come\nHINT: ');
    expect(stdout).toContain('compiled, seed 1: 1 passed, 1 failed, 0 skipped\n');
    expect(code).toBe(1);
  });

  test('fails what takes longer than it may in another thread', async () => {
    for (const name of ['a.slt', 'b.slt', 'c.slt']) write(name, TABLE, ENDLESS);
    const { code, stdout } = await fsql('test', '.', '--jobs', '2', ...LIMIT);
    expect(stdout).toContain('0 passed, 3 failed');
    expect(stdout).toContain('not over after 1 s');
    expect(code).toBe(1);
  });

  test('an expected error does not excuse it', async () => {
    writeFileSync(
      join(folder, 'a.sql'),
      '--@test: never over\n--@expected.error: java.lang.Exception\nCREATE TABLE t (id INT PRIMARY KEY);\nSELECT id FROM t EMIT CHANGES;\n',
    );
    const { code, stdout } = await fsql('test', 'a.sql');
    expect(stdout).toContain('waits for something that cannot come');
    expect(code).toBe(1);
  });

  test('names the file whose loop nothing can interrupt, and ends', async () => {
    write('loop.slt', 'query I\nSELECT count(*) FROM generate_series(1, 1000000000000)\n----\n1');
    const { signal, stderr } = await fsql('test', 'loop.slt', ...LIMIT);
    expect(stderr).toBe('FAILED loop.slt:3: not over after 1 s, and in a loop that cannot be interrupted; the run ends here\n');
    expect(signal).toBe('SIGKILL');
  });
});

test('a statement that waits for what cannot come is no success', { timeout: 60_000 }, async () => {
  const { code, stderr } = await fsql('-c', 'CREATE TABLE t (a INT); SELECT * FROM t EMIT CHANGES');
  expect(stderr).toBe('fsql: ended while waiting for something that cannot come\n');
  expect(code).toBe(1);
});

test('a file that a stream of a test reads has been read before what reads it is asked, and a query of it ends', async () => {
  const rows = join(folder, 'rows.json');
  writeFileSync(rows, Array.from({ length: 5_000 }, (_, id) => `{"id":${id}}\n`).join(''));
  write(
    'files.slt',
    `statement ok\nCREATE STREAM f (id INT) WITH (connector = 'filesystem', path = '${rows}', format = 'json')`,
    'statement ok\nCREATE MATERIALIZED VIEW v AS SELECT count(*) AS n FROM f',
    'query I\nSELECT n FROM v\n----\n5000',
    'query I\nSELECT count(*) FROM f\n----\n5000',
  );
  expect(await fsql('test', 'files.slt')).toMatchObject({ code: 0, stdout: expect.stringContaining('1 passed, 0 failed') });
});

test('a reader who goes ends a command that prints as SIGPIPE would, without a word', async () => {
  const child = spawn(process.execPath, [launcher, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  expect({ code, errors }).toEqual({ code: 141, errors: '' });
});
