import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nodeStorage, storageError } from './node-storage.ts';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return { ...real, open: vi.fn(real.open) };
});

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fsql-files-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const tooMany = (): Error => Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });

test('where as many files are open as may be, a file is opened when some are closed', async () => {
  vi.mocked(open).mockRejectedValueOnce(tooMany()).mockRejectedValueOnce(tooMany());
  const file = await nodeStorage(root).open('one', 'create');
  await file.append(new Uint8Array(3));
  expect(await file.size()).toBe(3);
  await file.close();
});

test('and an error that stays says what to do', () => {
  expect(storageError('data/one', tooMany())).toMatchObject({
    code: '58030',
    message: 'could not open file "data/one": too many open files',
    hint: expect.stringContaining('ulimit -n'),
  });
});
