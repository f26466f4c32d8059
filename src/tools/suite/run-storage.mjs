/**
 * `npm run test:storage [-- --flips N --step N --seed S --only TEXT]`: everything a disk can do to a data directory. It is full or fails at every call of every workload (or at every
 * `step`-th), stops at every call, tears writes at every border of 512 bytes, rots bit by bit (10,000 flipped bits over all kinds of files), and is
 * really full. The same as FSQL_STATE_FLIPS, FSQL_STATE_STEP and FSQL_STATE_SEED; `npm test` runs a sample of each. `--only` runs the tests with the text in their names, such as
 * a workload, where all takes too long at once. storage-runs.txt here lists what was reached: add what a run prints.
 */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const { values } = parseArgs({
  options: { flips: { type: 'string' }, step: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
});
const given = {
  FSQL_STATE_FLIPS: values.flips ?? process.env.FSQL_STATE_FLIPS ?? '10000',
  FSQL_STATE_STEP: values.step ?? process.env.FSQL_STATE_STEP ?? '1',
  FSQL_STATE_LEVEL_FLIPS: process.env.FSQL_STATE_LEVEL_FLIPS ?? '300',
  FSQL_STATE_FULL_ROUNDS: process.env.FSQL_STATE_FULL_ROUNDS ?? '10',
};
const only = values.only === undefined ? [] : ['--testNamePattern', values.only];
const seed = values.seed === undefined ? {} : { FSQL_STATE_SEED: values.seed };
for (const [name, value] of Object.entries({ ...given, ...seed })) {
  if (/^\d+$/.test(value)) continue;
  console.error(`${name} is "${value}": a whole number is wanted`);
  process.exit(2);
}
spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'src/state/durable', 'src/state/savepoint', ...only], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ...given, ...seed },
}).on('exit', (code) => {
  process.exitCode = code ?? 1;
});
