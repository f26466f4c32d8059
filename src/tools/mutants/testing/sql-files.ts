import { afterAll, expect, test } from 'vitest';
import { localRunner } from '../../../main/test-runners.ts';
import { configurationNamed, filesToRun } from '../../sqltest/index.ts';

/** SQL files on the sources with a mutant in them: FSQL_MUTANT_SQL is a file or folder, FSQL_MUTANT_CONFIG the configuration. */
const files = filesToRun([process.env.FSQL_MUTANT_SQL ?? ''], { filter: null, shuffleSeed: null, shard: null });
const configuration = configurationNamed(process.env.FSQL_MUTANT_CONFIG ?? '')!;
const run = localRunner();
let ran = 0;

test.each(files)('%s', async (file) => {
  const { outcome, failures } = await run(file, { configuration, seed: 7, rewrite: false, coverage: false, real: [] });
  expect(failures).toEqual([]);
  if (outcome === 'passed') ran++;
});

afterAll(() => expect(ran, 'files that run in this configuration').toBeGreaterThan(0));
