import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqlError, SqlState } from '../index.ts';
import { consoleLogger } from './console-logger.ts';
import { nodeStorage, storageError } from './node-storage.ts';
import { systemRandom } from './system-random.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fsql-adapters-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);

describe('node storage', () => {
  test('appends, reads, truncates, and goes on at the end of an existing file', async () => {
    const storage = nodeStorage(join(root, 'new', 'data'));
    await storage.makeDirectory('');
    await storage.makeDirectory('logs');
    const file = await storage.open('logs/one', 'create');
    await file.append(bytes('hello '));
    await file.append(bytes('world'));
    await file.sync();
    expect(text(await file.read(6, 100))).toBe('world');
    expect(await file.size()).toBe(11);
    await file.truncate(5);
    await file.append(bytes('!'));
    await file.close();
    const again = await storage.open('logs/one', 'append');
    await again.append(bytes('?'));
    await again.close();
    expect(text(await storage.readAll('logs/one'))).toBe('hello!?');
    await storage.syncDirectory('logs');
    await storage.syncDirectory('');
    expect(await storage.list('')).toEqual(['logs']);
  });

  test('links once, renames over, removes', async () => {
    const storage = nodeStorage(root);
    await (await storage.open('one', 'create')).close();
    expect(await storage.link('one', 'two')).toBe(true);
    expect(await storage.link('one', 'two')).toBe(false);
    await (await storage.open('three', 'create')).close();
    await storage.rename('two', 'three');
    await storage.remove('one');
    expect(await storage.list('')).toEqual(['three']);
    await storage.remove('three');
    expect(await storage.exists('three')).toBe(false);
  });

  test('errors carry SQLSTATE and the file', async () => {
    const storage = nodeStorage(root);
    await expect(storage.readAll('missing')).rejects.toMatchObject({
      code: SqlState.undefinedFile,
      message: `could not open file "${join(root, 'missing')}": no such file or directory`,
    });
    await (await storage.open('one', 'create')).close();
    await expect(storage.open('one', 'create')).rejects.toMatchObject({ code: SqlState.ioError });
    await writeFile(join(root, 'plain'), '');
    await expect(storage.list('plain')).rejects.toMatchObject({ code: SqlState.ioError });
    const full = storageError('/data/x', Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }));
    expect(full).toMatchObject({ code: '53100', message: 'could not write to file "/data/x": no space left on device' });
  });

  test('a file system that is really full gives 53100', async (context) => {
    const mountPoint = join(root, 'small');
    const storage = nodeStorage(mountPoint);
    await storage.makeDirectory('');
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', mountPoint], { stdio: 'pipe' });
    } catch (error) {
      console.log(`skipped: a tmpfs cannot be mounted here (${error instanceof Error ? error.message.split('\n').join(' ') : error})`);
      context.skip();
      return;
    }
    try {
      const file = await storage.open('big', 'create');
      await expect(file.append(new Uint8Array(200_000))).rejects.toMatchObject({ code: '53100' });
      await file.truncate(0);
      await file.append(bytes('room again'));
      await file.sync();
      await file.close();
      expect(text(await storage.readAll('big'))).toBe('room again');
    } finally {
      execFileSync('umount', [mountPoint]);
    }
  });
});

describe('console logger', () => {
  test('writes one line a message, facts as name=value, from the lowest level on', () => {
    const lines: string[] = [];
    const logger = consoleLogger('info', (line) => lines.push(line));
    logger.log('debug', 'not shown');
    logger.log('warn', 'two\n  lines', {
      file: 'segments/1',
      count: 3n,
      absent: undefined,
      text: 'a b',
      list: [1n],
      error: new SqlError({ code: SqlState.diskFull, message: 'full' }),
    });
    expect(lines.map((line) => line.replace(/^\S+/, '<time>'))).toEqual([
      '<time> warn two lines file=segments/1 count=3 text="a b" list=["1"] error="53100 full"\n',
    ]);
  });
});

test('system randomness is in range', () => {
  const random = systemRandom();
  for (let count = 0; count < 100; count++) expect(random.nextInt(7)).toBeLessThan(7);
});

test.runIf(process.platform === 'linux')('a directory that cannot be made is refused, not tried for ever', { timeout: 10_000 }, async () => {
  await expect(nodeStorage('/proc/fsql/data').makeDirectory('')).rejects.toMatchObject({ code: SqlState.undefinedFile });
});
