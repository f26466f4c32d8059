import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testSeed } from '../processes/index.ts';
import { mutants, mutated, parseTest, root, sourceOf } from './mutants.mjs';

/** Mutants tried in `npm test`; all of them are tried by `npm run test:mutants`. */
const SAMPLE = 2;

test.each(mutants)('$name applies to the sources as they are, and its tests are there', (mutant) => {
  const source = sourceOf(mutant);
  expect(mutated(mutant, source)).not.toBe(source);
  for (const text of mutant.tests) expect(existsSync(join(root, parseTest(text).path)), text).toBe(true);
});

test('no two mutants have one name', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
});

test('a sample of them is found', { timeout: 120_000 }, () => {
  const seed = testSeed('mutants', `${SAMPLE} of those that are found quickly`);
  const run = spawnSync(process.execPath, ['src/tools/mutants/run-mutants.mjs', '--quick', '--sample', String(SAMPLE), '--seed', String(seed)], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(run.stdout + run.stderr).toContain(`${SAMPLE} of ${SAMPLE} mutants found`);
});
