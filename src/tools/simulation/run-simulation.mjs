/**
 * `npm run test:sim [-- --seeds N --from S --seconds V]`: so many runs, from a seed of choice or of chance, of so many virtual seconds of faults each. The same
 * as FSQL_SIM_SEEDS, FSQL_TEST_SEED and FSQL_SIM_SECONDS.
 */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const { values } = parseArgs({ options: { seeds: { type: 'string' }, from: { type: 'string' }, seconds: { type: 'string' } } });
const given = {
  FSQL_SIM_SEEDS: values.seeds ?? process.env.FSQL_SIM_SEEDS ?? '500',
  FSQL_SIM_SECONDS: values.seconds ?? process.env.FSQL_SIM_SECONDS ?? '290',
};
for (const [name, value] of Object.entries({ ...given, FSQL_TEST_SEED: values.from ?? '0' })) {
  if (/^\d+$/.test(value)) continue;
  console.error(`${name} is "${value}": a whole number is wanted`);
  process.exit(2);
}
const seed = values.from === undefined ? {} : { FSQL_TEST_SEED: values.from };
spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'src/main/simulation.test.ts'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ...given, ...seed },
}).on('exit', (code) => {
  process.exitCode = code ?? 1;
});
