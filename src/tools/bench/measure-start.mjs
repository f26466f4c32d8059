import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, runFsql, runFsqlTimed } from './run-fsql.mjs';
import { writeSmallTests } from './small-tests.mjs';
import { startupMessage } from './wire-client.mjs';

const RUNS = 7;
const SETTLE_MS = 2000;
const SMALL_TEST_FILE = join(dirname(fileURLToPath(import.meta.url)), '../build/small-test.slt');

/** Milliseconds from start to exit of `fsql -c 'select 1'`. */
export async function measureOneStatement(launcher) {
  const times = [];
  for (let run = 0; run < RUNS; run++) {
    const begin = performance.now();
    await runFsql(launcher, ['-c', 'select 1']);
    times.push(performance.now() - begin);
  }
  return median(times);
}

/** A server in memory; resolves when it accepts a session. */
export async function startServer(launcher, port) {
  const begin = performance.now();
  const args = [launcher, 'serve', '--memory', '--port', String(port), '--http-port', '0', '--slots', '2'];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  let ended = false;
  child.on('exit', () => {
    ended = true;
  });
  while (!(await answers(port))) {
    if (ended) throw new Error('the server ended before it was ready');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const readyMs = performance.now() - begin;
  const stop = () =>
    new Promise((resolve) => {
      child.on('exit', resolve);
      child.kill('SIGTERM');
    });
  return { readyMs, pid: child.pid, stop };
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(startupMessage()));
    const done = (ready) => {
      socket.destroy();
      resolve(ready);
    };
    socket.on('data', () => done(true));
    socket.on('error', () => done(false));
    socket.on('close', () => done(false));
  });
}

/** Time until a server is ready, and its resident memory when it has nothing to do. */
export async function measureServer(launcher, port) {
  const ready = [];
  const memory = [];
  for (let run = 0; run < 3; run++) {
    const server = await startServer(launcher, port);
    ready.push(server.readyMs);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    memory.push(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024);
    await server.stop();
  }
  return { readyMs: median(ready), idleMb: median(memory) };
}

/** What one more small file costs `fsql test`: many files against one. */
export async function measureTestFile(launcher) {
  const directory = mkdtempSync(join(tmpdir(), 'fsql-bench-tests-'));
  try {
    const many = 40;
    for (let index = 0; index < many; index++) copyFileSync(SMALL_TEST_FILE, join(directory, `small-${index}.slt`));
    const timed = async (path) => {
      const begin = performance.now();
      await runFsql(launcher, ['test', path]);
      return performance.now() - begin;
    };
    const differences = [];
    for (let run = 0; run < 3; run++) {
      const one = await timed(join(directory, 'small-0.slt'));
      differences.push(((await timed(directory)) - one) / (many - 1));
    }
    return median(differences);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Seconds by the clock and of processor time for a folder of small files, no two the same. */
export async function measureTestFiles(launcher, count) {
  const directory = mkdtempSync(join(tmpdir(), 'fsql-bench-tests-'));
  try {
    writeSmallTests(directory, count);
    const runs = [];
    for (let run = 0; run < 3; run++) runs.push(await runFsqlTimed(launcher, ['test', directory]));
    return { seconds: median(runs.map((one) => one.seconds)), cpuSeconds: median(runs.map((one) => one.cpuSeconds)) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
