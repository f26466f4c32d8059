import { readFile } from 'node:fs/promises';

/** Names of the points that were passed so far, in order: the lines of passed.txt after its heading. */
export async function passedPoints(): Promise<string[]> {
  const text = await readFile(new URL('passed.txt', import.meta.url), 'utf8');
  return text.split('\n').slice(1, -1);
}
