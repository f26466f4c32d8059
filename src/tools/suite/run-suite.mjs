/**
 * `npm test`: types, lint, unit and integration tests, then the SQL files. Prints every stage's outcome and, last, one line
 * `N passed, N failed[, N skipped]` over all of them. A stage that cannot run counts as failed, never as skipped.
 *
 *   node src/tools/suite/run-suite.mjs [stage …]   only these stages: types lint kafka unit sql sql-rest sql-whole
 *
 * `sql` runs all files compiled and a sample of them, by a seed that is printed and taken from FSQL_TEST_SEED, in the other configurations; `sql-rest`
 * runs all files compiled and what that sample of the same seed has left in the others; `sql-whole` runs all in all. Without names all but the last two are run.
 *
 * FSQL_TEST_NODE: another node binary for the SQL files (CI runs them on Node 24, too).
 * FSQL_SUITE_MINUTES: what has not ended by then is ended and counts as failed, and so does what has not begun (default 40).
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const node = process.env.FSQL_TEST_NODE ?? process.execPath;
const limitMinutes = Number(process.env.FSQL_SUITE_MINUTES ?? 40);
const deadline = performance.now() + limitMinutes * 60_000;

/** Configurations the SQL files run in (docs: sql-tests/README.md), and how many parts they are cut into for a sample: the first is run, the others are left. */
const configurations = {
  compiled: 1,
  interpreted: 6,
  'batch-size-3': 6,
  'parallelism-4': 6,
  'crash-restore-rescale': 4,
  'savepoint-restore-rescale': 8,
  'print-and-reparse': 6,
  spilled: 6,
};

const wanted = process.argv.slice(2);
/** `aside`: takes one core or none, so it runs beside the others of its kind. */
const stages = [
  { name: 'types', aside: true, run: () => single(['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json']) },
  { name: 'lint', aside: true, run: () => single(['node_modules/@biomejs/biome/bin/biome', 'check', '.']) },
  { name: 'kafka', aside: true, run: kafka },
  { name: 'unit', run: unit },
  { name: 'sql', run: () => sql((parts) => `1/${parts}`) },
];
const onlyByName = [
  { name: 'sql-rest', run: () => sql((parts) => `2-${parts}/${parts}`) },
  { name: 'sql-whole', run: () => sql(null) },
];

const total = { passed: 0, failed: 0, skipped: 0 };
const scratch = await mkdtemp(join(tmpdir(), 'fsql-suite-'));
try {
  const chosen = wanted.length === 0 ? stages : [...stages, ...onlyByName].filter(({ name }) => wanted.includes(name));
  await Promise.all(chosen.filter(({ aside }) => aside).map(runStage));
  for (const stage of chosen.filter(({ aside }) => !aside)) await runStage(stage);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed > 0 ? 1 : 0;

async function runStage(stage) {
  const started = performance.now();
  const result = await stage.run();
  for (const key of Object.keys(total)) total[key] += result[key] ?? 0;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`stage ${stage.name}: ${result.passed} passed, ${result.failed} failed, ${result.skipped ?? 0} skipped (${seconds} s)`);
}

/** A script of Node's that is one check. */
async function single(args) {
  const code = await run(process.execPath, args);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
}

/**
 * Fetches the broker's jars and starts it once, so that no test has to wait for a download. Where Java or Maven are missing the tests say so themselves: they
 * fail under FSQL_REQUIRE_KAFKA=1 and are reported as skipped otherwise.
 */
async function kafka() {
  const { reasonToSkipKafkaTests, startBroker } = await import('../kafka/broker.mjs');
  try {
    const reason = await reasonToSkipKafkaTests();
    if (reason) {
      console.log(`no Kafka: ${reason}`);
      return { passed: 0, failed: 0, skipped: 1 };
    }
    const broker = await startBroker();
    await broker.stop();
    return { passed: 1, failed: 0 };
  } catch (error) {
    console.error(error);
    return { passed: 0, failed: 1 };
  }
}

async function unit() {
  const report = join(scratch, 'vitest.json');
  const code = await run(process.execPath, [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  const counts = await readReport(report);
  if (counts === null) return { passed: 0, failed: 1 };
  const failed =
    counts.numFailedTests + (counts.testResults ?? []).filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  return { passed: counts.numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed, skipped: counts.numPendingTests };
}

function sampleSeed() {
  const seed = Number(process.env.FSQL_TEST_SEED ?? Math.floor(Math.random() * 2 ** 30));
  console.log(`samples of the SQL files: FSQL_TEST_SEED=${seed}`);
  return seed;
}

/** `shardOf`: which of so many parts of a seed's order are run; null: all files in every configuration. */
async function sql(shardOf) {
  const seed = shardOf === null ? null : sampleSeed();
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const [configuration, parts] of Object.entries(configurations)) {
    const report = join(scratch, `sql-${configuration}.json`);
    const sample = seed === null || parts === 1 ? [] : ['--shuffle-seed', String(seed), '--shard', shardOf(parts)];
    const code = await run(node, ['bin/fsql.js', 'test', 'sql-tests', '--config', configuration, '--report', report, ...sample]);
    const counts = await readReport(report);
    if (counts === null || (code !== 0 && counts.failed === 0)) sum.failed++;
    if (counts !== null) for (const key of Object.keys(sum)) sum[key] += counts[key];
  }
  return sum;
}

async function readReport(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    console.error(`no report ${file}: ${error.message}`);
    return null;
  }
}

function run(command, args) {
  return new Promise((resolve) => {
    // A group of its own, so that what it has started ends with it.
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', detached: true });
    const end = (signal) => process.kill(-child.pid, signal);
    const interrupted = () => {
      end('SIGINT');
      process.exit(130);
    };
    process.on('SIGINT', interrupted);
    const limit = setTimeout(
      () => {
        console.error(`ended after the suite's ${limitMinutes} minutes: ${args.join(' ')}`);
        end('SIGKILL');
      },
      Math.max(0, deadline - performance.now()),
    );
    const done = (code) => {
      process.off('SIGINT', interrupted);
      clearTimeout(limit);
      resolve(code);
    };
    child.on('error', (error) => {
      console.error(error.message);
      done(1);
    });
    child.on('exit', (code) => done(code ?? 1));
  });
}
