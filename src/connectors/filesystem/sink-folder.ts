import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileHandle, Storage } from '../../base/index.ts';
import { fileError } from './options.ts';

/** The folder a sink writes, as a parameter: names without slashes, the crash model of Storage. */
export type SinkFolder = Pick<Storage, 'open' | 'exists' | 'list' | 'makeDirectory' | 'rename' | 'remove' | 'syncDirectory'>;

/** A folder of this machine. Errors name the file (58P01, 42501, 53100, 58030). */
export function machineFolder(root: string): SinkFolder {
  const path = (name: string): string => join(root, name);
  return {
    open: (name) => named(path(name), async () => appending(path(name), await open(path(name), 'wx'))),
    exists: (name) => named(path(name), () => isThere(path(name))),
    list: () => named(root, async () => (await readdir(root)).sort()),
    makeDirectory: () => named(root, async () => void (await mkdir(root, { recursive: true }))),
    rename: (from, to) => named(path(from), () => rename(path(from), path(to))),
    remove: (name) => named(path(name), () => rm(path(name), { force: true })),
    syncDirectory: () => named(root, () => syncFolder(root)),
  };
}

type OpenFile = Awaited<ReturnType<typeof open>>;

function appending(path: string, file: OpenFile): FileHandle {
  return {
    append: (bytes) => named(path, () => file.appendFile(bytes)),
    read: (position, length) => named(path, async () => (await file.read(new Uint8Array(length), 0, length, position)).buffer),
    size: () => named(path, async () => (await file.stat()).size),
    truncate: (length) => named(path, () => file.truncate(length)),
    sync: () => named(path, () => file.sync()),
    close: () => named(path, () => file.close()),
  };
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

/** Makes the names in the folder durable. Windows knows no such call and needs none. */
async function syncFolder(root: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(root, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function named<Result>(path: string, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw fileError(error, path);
  }
}
