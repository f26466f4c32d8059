/**
 * `npm run test:sim [-- --seeds N --from S --seconds V --jobs J]`: so many runs, from a seed of choice or of chance, of so many virtual seconds of faults each, in
 * so many processes (default: one a core). Prints failures as they come, with how to repeat them, and at the end what has been run and at which rate. A line about
 * it is added to src/tools/simulation/runs.txt. Exit code 1 when a run fails.
 */
import { execFileSync, fork } from 'node:child_process';
import { appendFile, mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

/** Most of what a run makes is gone with the next epoch: with room for it fewer collections copy what is still in use. */
const YOUNG_MB = 32;
/** Bytecodes a function runs before it is optimised. A run touches much code, little of it often: optimising as early as by default was a quarter of the time. */
const INTERRUPT_BUDGET = 600_000;
/** V8 of Node 24 has another way to decide, and a process with an option it does not know ends. */
const optimisedLater = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' }).includes('--interrupt-budget (')
  ? [`--interrupt-budget=${INTERRUPT_BUDGET}`]
  : [];

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '500' },
    from: { type: 'string', default: process.env.FSQL_TEST_SEED ?? String(Math.floor(Math.random() * 2 ** 30)) },
    seconds: { type: 'string', default: '290' },
    jobs: { type: 'string', default: String(availableParallelism()) },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (/^\d+$/.test(value)) continue;
  console.error(`--${name} is "${value}": a whole number is wanted`);
  process.exit(2);
}
const [seeds, from, seconds] = [Number(values.seeds), Number(values.from), Number(values.seconds)];
const jobs = Math.max(1, Math.min(Number(values.jobs), seeds));

const worker = join(root, 'dist-simulation/simulation-worker.mjs');
await mkdir(dirname(worker), { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: ['src/main/simulation-worker.ts'],
  outfile: worker,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
});
console.log(`the simulation: ${seeds} seeds from ${from}, ${seconds} virtual seconds and what it takes to catch up, in ${jobs} processes`);
const reports = await Promise.all(Array.from({ length: jobs }, (_, job) => run(job)));
const [sums, faults] = [reports.map((report) => report.sums), reports.map((report) => report.faults)].map(added);
const cpuSeconds = reports.reduce((sum, report) => sum + report.cpuSeconds, 0);
console.log(`the simulation: ${listed(sums)}; ${Math.round((3600 * seeds) / cpuSeconds)} seeds an hour and core`);
console.log(`faults: ${listed(faults)}`);
process.exitCode = sums.failed === 0 ? 0 : 1;
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
const day = new Date().toISOString().slice(0, 10);
const columns = [day, commit, `seeds from ${from}`, `${seeds} of ${seconds} seconds`, `${seeds - sums.failed} passed`, `${sums.failed} failed`];
await appendFile(join(root, 'src/tools/simulation/runs.txt'), `${columns.join('\t')}\n`);

function run(job) {
  const count = Math.floor((seeds - job + jobs - 1) / jobs);
  const execArgv = ['--enable-source-maps', `--max-semi-space-size=${YOUNG_MB}`, ...optimisedLater];
  return new Promise((resolve, reject) => {
    let report = null;
    fork(worker, [from + job, count, jobs, seconds].map(String), { cwd: root, execArgv })
      .on('message', (message) => {
        report = message;
      })
      .on('exit', (code) => (report === null ? reject(new Error(`a process of the simulation ended with ${code}`)) : resolve(report)));
  });
}

function added(parts) {
  const sum = {};
  for (const part of parts) for (const [name, count] of Object.entries(part)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

function listed(figures) {
  return Object.entries(figures)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}
