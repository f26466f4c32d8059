/**
 * `npm run test:crash [-- --points N --seed S | --point NAME …]`: so many points (100) of the crash matrix from a seed of choice or of chance, or single ones by
 * the names a run has printed. A line about the run is added to src/tools/crash/runs.txt. The same as FSQL_CRASH_POINTS, FSQL_TEST_SEED and FSQL_CRASH_POINT.
 */
import { execFileSync, spawn } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const { values } = parseArgs({ options: { points: { type: 'string' }, seed: { type: 'string' }, point: { type: 'string', multiple: true } } });
const points = values.points ?? process.env.FSQL_CRASH_POINTS ?? '100';
const seed = values.seed ?? process.env.FSQL_TEST_SEED ?? String(Math.floor(Math.random() * 2 ** 30));
for (const [name, value] of Object.entries({ points, seed })) {
  if (/^\d+$/.test(value)) continue;
  console.error(`${name} is "${value}": a whole number is wanted`);
  process.exit(2);
}
const chosen = values.point === undefined ? { FSQL_CRASH_POINTS: points, FSQL_TEST_SEED: seed } : { FSQL_CRASH_POINT: values.point.join('\n') };
const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'src/tools/crash/crash.process.test.ts'], {
  cwd: root,
  stdio: ['inherit', 'inherit', 'pipe'],
  env: { ...process.env, FSQL_REQUIRE_KAFKA: '1', ...chosen },
});
let said = '';
child.stderr.on('data', (chunk) => {
  process.stderr.write(chunk);
  said += chunk;
});
child.on('close', async (code) => {
  process.exitCode = code ?? 1;
  const [passed, failed] = [/^point .*: passed \(/gm, /^point .*: FAILED: /gm].map((pattern) => said.match(pattern)?.length ?? 0);
  if (values.point !== undefined || passed + failed === 0) return;
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  const columns = [new Date().toISOString().slice(0, 10), commit, `seed ${seed}`, `${points} points`, `${passed} passed`, `${failed} failed`];
  await appendFile(join(root, 'src/tools/crash/runs.txt'), `${columns.join('\t')}\n`);
});
