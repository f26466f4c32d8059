import { readFile, writeFile } from 'node:fs/promises';

/** Lines kept. */
export const HISTORY_MAX = 2000;

/** What was typed in earlier sessions, oldest first; none when there is no file or it cannot be read. */
export async function readHistory(path: string | null): Promise<string[]> {
  if (path === null) return [];
  const text = await readFile(path, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .slice(-HISTORY_MAX);
}

/** Adds lines behind what other sessions have written meanwhile. Readable by its owner alone. A history that cannot be written is no reason to complain. */
export async function appendHistory(path: string | null, lines: readonly string[]): Promise<void> {
  if (path === null || lines.length === 0) return;
  const all = [...(await readHistory(path)), ...lines].slice(-HISTORY_MAX);
  await writeFile(path, `${all.join('\n')}\n`, { mode: 0o600 }).catch(() => undefined);
}
