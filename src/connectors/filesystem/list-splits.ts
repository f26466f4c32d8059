import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Split, SplitContext } from '../../spi/index.ts';
import { fileError, hasHeader, pathOption } from './options.ts';
import { lineEndAfter, stripeParameters, stripesOf } from './stripes.ts';

/** Below this a file is read by one subtask. */
const SHARED_BYTES_MIN = 16 * 1024 * 1024;
/** What each subtask has of a shared file at least. */
const SPLIT_BYTES_MIN = 4 * 1024 * 1024;

/**
 * The files as they are now, the lines of a large one shared out to as many splits as there are readers (stripes.ts). A split always holds the same
 * lines. Positions are byte offsets.
 */
export async function listSplits(options: ReadonlyMap<string, string>, context: SplitContext): Promise<readonly Split[]> {
  const root = pathOption(options);
  try {
    const splits: Split[] = [];
    for (const path of await filesBelow(root)) splits.push(...(await splitsOf(path, hasHeader(options), context.parallelism)));
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

async function splitsOf(path: string, header: boolean, parallelism: number): Promise<Split[]> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const start = header ? await lineEndAfter(handle, 0, size) : 0;
    const count = Math.min(parallelism, Math.floor((size - start) / SPLIT_BYTES_MIN));
    if (size - start < SHARED_BYTES_MIN || count < 2) return [{ id: path, parameters: { path }, start, end: size }];
    const shares = await stripesOf(handle, { from: start, to: size, count });
    return shares.map(({ stripes, range }) => ({
      id: `${path}:${stripes.index}`,
      parameters: { path, ...stripeParameters(stripes) },
      ...range,
    }));
  } finally {
    await handle.close();
  }
}
