import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { median } from './run-fsql.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const KEYS = 100_000;
const ROUNDS = 15;

/** How long a checkpoint holds a slot up when 100,000 groups of an aggregation have changed; see checkpoint-pause.ts. */
export async function measureCheckpoint() {
  const directory = join(here, '../../../.cache/bench');
  mkdirSync(directory, { recursive: true });
  const outfile = join(directory, 'checkpoint-pause.mjs');
  const entryPoints = [join(here, 'checkpoint-pause.ts')];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external' });
  const { checkpointPauses } = await import(pathToFileURL(outfile).href);
  const pauses = checkpointPauses(KEYS, ROUNDS);
  const longest = pauses.map(({ longestMs }) => longestMs);
  return { pauseMs: median(longest), bestMs: Math.min(...longest), totalMs: median(pauses.map(({ totalMs }) => totalMs)), keys: KEYS };
}
