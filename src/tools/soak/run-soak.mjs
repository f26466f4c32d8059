/**
 * `npm run test:soak [-- --minutes N --kill-every M --samples FILE --seed S]`: so many minutes (60), a `kill -9` every so many (10), every measurement as a line of JSON.
 * The same as FSQL_SOAK_MINUTES, FSQL_SOAK_KILL_MINUTES, FSQL_SOAK_SAMPLES and FSQL_TEST_SEED.
 */
import { spawn } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const { values } = parseArgs({
  options: { minutes: { type: 'string' }, 'kill-every': { type: 'string' }, samples: { type: 'string' }, seed: { type: 'string' } },
});
const given = {
  FSQL_SOAK_MINUTES: values.minutes ?? process.env.FSQL_SOAK_MINUTES ?? '60',
  FSQL_SOAK_KILL_MINUTES: values['kill-every'] ?? process.env.FSQL_SOAK_KILL_MINUTES ?? '10',
};
for (const [name, value] of Object.entries({ ...given, FSQL_TEST_SEED: values.seed ?? '0' })) {
  if (/^\d+(\.\d+)?$/.test(value)) continue;
  console.error(`${name} is "${value}": a number is wanted`);
  process.exit(2);
}
const more = {
  ...(values.samples === undefined ? {} : { FSQL_SOAK_SAMPLES: resolve(values.samples) }),
  ...(values.seed === undefined ? {} : { FSQL_TEST_SEED: values.seed }),
};
spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'src/tools/soak/soak.process.test.ts'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, FSQL_REQUIRE_KAFKA: '1', ...given, ...more },
}).on('exit', (code) => {
  process.exitCode = code ?? 1;
});
