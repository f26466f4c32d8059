import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Split, SplitContext } from '../../spi/index.ts';
import { fileError, hasHeader, pathOption } from './options.ts';

/** Below this a file is read by one subtask. */
const RANGE_BYTES_MIN = 8 * 1024 * 1024;

/**
 * The files as they are now, each cut into as many ranges as there are readers. Ranges start and end at line borders, found here once,
 * so that a split always holds the same lines. Positions are byte offsets.
 */
export async function listSplits(options: ReadonlyMap<string, string>, context: SplitContext): Promise<readonly Split[]> {
  const root = pathOption(options);
  try {
    const splits: Split[] = [];
    for (const path of await filesBelow(root)) splits.push(...(await rangesOf(path, hasHeader(options), context.parallelism)));
    return splits;
  } catch (error) {
    throw fileError(error, root);
  }
}

async function filesBelow(root: string): Promise<string[]> {
  const facts = await stat(root);
  if (!facts.isDirectory()) return [root];
  const names = await readdir(root);
  const visible = names.filter((name) => !name.startsWith('.') && !name.startsWith('_')).sort();
  const paths = visible.map((name) => join(root, name));
  const kinds = await Promise.all(paths.map((path) => stat(path)));
  return paths.filter((_, index) => kinds[index]!.isFile());
}

async function rangesOf(path: string, header: boolean, parallelism: number): Promise<Split[]> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const first = header ? await lineEndAfter(handle, 0, size) : 0;
    const count = size - first >= 2 * RANGE_BYTES_MIN ? parallelism : 1;
    const splits: Split[] = [];
    let start = first;
    for (let i = 1; i <= count; i++) {
      const end = i === count ? size : await lineEndAfter(handle, first + Math.floor(((size - first) * i) / count), size);
      if (end > start || count === 1) splits.push({ id: count === 1 ? path : `${path}:${i - 1}`, parameters: { path }, start, end });
      start = end;
    }
    return splits;
  } finally {
    await handle.close();
  }
}

/** Offset behind the first line feed at or after `from`. */
async function lineEndAfter(handle: Awaited<ReturnType<typeof open>>, from: number, size: number): Promise<number> {
  const buffer = Buffer.alloc(64 * 1024);
  for (let at = from; at < size; at += buffer.length) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    const found = buffer.subarray(0, bytesRead).indexOf(10);
    if (found >= 0) return at + found + 1;
  }
  return size;
}
