/**
 * `npm run test:crash [-- --points N --seed S | --point NAME …]`: so many points (100) of the crash matrix from a seed of choice or of chance, those that were
 * never passed first; or single ones by the names a run has printed. What is passed is added to src/tools/crash/passed.txt, and a line about the run to
 * runs.txt there. The same without lists: FSQL_CRASH_POINTS, FSQL_TEST_SEED and FSQL_CRASH_POINT.
 */
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
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
const count = { passed: 0, failed: 0 };
createInterface({ input: child.stderr }).on('line', (line) => {
  console.error(line);
  const [, name, outcome] = /^point [^:]*: (.*): (passed \(|FAILED: )/.exec(line) ?? [];
  if (outcome === 'FAILED: ') count.failed++;
  if (outcome !== 'passed (') return;
  count.passed++;
  keep(name);
});
// It ends by the same signal, and what it has done until then counts.
process.on('SIGINT', () => undefined);
child.on('close', (code) => {
  process.exitCode = code ?? 1;
  if (values.point !== undefined || count.passed + count.failed === 0) return;
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  const columns = [
    new Date().toISOString().slice(0, 10),
    commit,
    `seed ${seed}`,
    `${points} points`,
    `${count.passed} passed`,
    `${count.failed} failed`,
  ];
  appendFileSync(join(root, 'src/tools/crash/runs.txt'), `${columns.join('\t')}\n`);
});

/** A line of passed.txt, in its place. */
function keep(name) {
  const file = join(root, 'src/tools/crash/passed.txt');
  const [heading, ...names] = readFileSync(file, 'utf8').trimEnd().split('\n');
  writeFileSync(file, `${[heading, ...[...new Set([...names, name])].sort()].join('\n')}\n`);
}
