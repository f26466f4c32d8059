/**
 * `npm run test:mutants [-- --only TEXT] [--sample N] [--seed S] [--quick] [--unchanged] [--list]`: runs every mutant against the tests that should notice it, narrowest first,
 * until one does, and prints which one and how long it took. Exit code 1 when one escapes.
 *
 *   --only TEXT    mutants whose name or file has TEXT in it
 *   --sample N     so many of them, by a seed that is printed and taken from --seed or FSQL_TEST_SEED
 *   --quick        only mutants that a test marked quick finds; the sample of `npm test`
 *   --unchanged    no mutants: the tests, each once, on the sources as they are
 *   --list         their names and what is wrong with each
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mutants, parseTest, root } from './mutants.mjs';

/** A test that takes longer has not noticed: it may be the machine that is slow. */
const TEST_SECONDS_MAX = 900;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    sample: { type: 'string' },
    seed: { type: 'string', default: process.env.FSQL_TEST_SEED ?? String(Math.floor(Math.random() * 2 ** 30)) },
    quick: { type: 'boolean', default: false },
    unchanged: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

const chosen = sampled(mutants.filter(({ name, file, quick }) => `${name} ${file}`.includes(values.only) && (quick || !values.quick)));
const scratch = await mkdtemp(join(tmpdir(), 'fsql-mutants-'));
try {
  if (values.list) for (const { name, bug, file } of chosen) console.log(`${name} (${file}): ${bug}`);
  else if (values.unchanged) await runUnchanged();
  else await runMutants();
} finally {
  await rm(scratch, { recursive: true, force: true });
}

async function runMutants() {
  let found = 0;
  for (const mutant of chosen) {
    const started = performance.now();
    const by = await firstToNotice(mutant);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    if (by !== null) found++;
    console.log(by === null ? `ESCAPED ${mutant.name} (${seconds} s): ${mutant.bug}` : `found   ${mutant.name} (${seconds} s): ${by}`);
  }
  console.log(`${found} of ${chosen.length} mutants found, ${chosen.length - found} escaped (${percent(found, chosen.length)} %)`);
  if (found < chosen.length) process.exitCode = 1;
}

async function firstToNotice(mutant) {
  for (const text of mutant.tests) {
    const noticed = await runTest(text, mutant.name);
    if (noticed !== null) return `${text}: ${noticed}`;
  }
  return null;
}

/** A mutant counts as found only by tests that pass without it. */
async function runUnchanged() {
  const tests = [...new Set(chosen.flatMap((mutant) => mutant.tests))];
  let failed = 0;
  for (const text of tests) {
    const noticed = await runTest(text, '');
    if (noticed === null) continue;
    failed++;
    console.log(`failed ${text}: ${noticed}`);
  }
  console.log(`${tests.length - failed} of ${tests.length} tests pass on the sources as they are`);
  if (failed > 0) process.exitCode = 1;
}

/** What failed first, or null when nothing did. */
async function runTest(text, mutant) {
  const { path, configuration, env, sql } = parseTest(text);
  const report = join(scratch, 'report.json');
  await rm(report, { force: true });
  const file = sql ? 'src/tools/mutants/testing/sql-files.ts' : path;
  const code = await runVitest([file, '--reporter=json', `--outputFile.json=${report}`], {
    ...env,
    FSQL_MUTANT: mutant,
    FSQL_MUTANT_SQL: sql ? path : '',
    FSQL_MUTANT_CONFIG: configuration,
  });
  if (code === 0) return null;
  if (code === null) {
    console.log(`${text} did not end within ${TEST_SECONDS_MAX} s`);
    return null;
  }
  const { testResults } = JSON.parse(await readFile(report, 'utf8').catch(() => '{"testResults":[]}'));
  const failure = testResults.flatMap(({ assertionResults }) => assertionResults).find(({ status }) => status === 'failed');
  if (failure !== undefined) return failure.fullName;
  const unloadable = testResults.find(({ status }) => status === 'failed');
  // That says nothing about the tests: the mutant is no program.
  if (unloadable !== undefined && mutant !== '') throw new Error(`mutant "${mutant}" cannot be loaded by ${text}: ${unloadable.message}`);
  return 'an error outside of any test';
}

function runVitest(args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--config', 'src/tools/mutants/vitest.config.mjs', ...args], {
      cwd: root,
      stdio: 'ignore',
      env: { ...process.env, ...env },
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, TEST_SECONDS_MAX * 1000);
    child.on('error', reject);
    child.on('exit', (code) => {
      clearTimeout(timer);
      resolve(late ? null : (code ?? 1));
    });
  });
}

/** Mulberry32: the sample of a seed is the same everywhere. */
function sampled(all) {
  if (values.sample === undefined) return all;
  console.log(`a sample of ${values.sample} mutants of ${all.length}: --seed ${values.seed}`);
  let state = Number(values.seed) >>> 0;
  const rest = [...all];
  const taken = [];
  while (taken.length < Number(values.sample) && rest.length > 0) {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    taken.push(...rest.splice(((mixed ^ (mixed >>> 14)) >>> 0) % rest.length, 1));
  }
  return taken;
}

function percent(part, whole) {
  return whole === 0 ? '100' : ((100 * part) / whole).toFixed(1);
}
