import { spawn } from 'node:child_process';

/** Runs the command line to its end; stdout as text. Rejects with what it printed when it fails. */
export function runFsql(launcher, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [launcher, ...args], { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const out = [];
    const errors = [];
    child.stdout.on('data', (data) => out.push(data));
    child.stderr.on('data', (data) => errors.push(data));
    child.on('error', reject);
    child.on('close', (code) => {
      const text = Buffer.concat(out).toString();
      if (code === 0) resolve(text);
      else reject(new Error(`fsql ${args.join(' ')} ended with ${code}\n${text}${Buffer.concat(errors).toString()}`));
    });
  });
}

/** Runs a file of statements with one job to its end; what `fsql run --json` reports of it. */
export async function runJob(launcher, args) {
  const output = await runFsql(launcher, ['run', '--json', ...args]);
  const report = JSON.parse(output.trim().split('\n').at(-1));
  if (report.state !== 'FINISHED') throw new Error(`${report.job} is ${report.state}: ${report.error}`);
  return report;
}

/** As runFsql, with its seconds by the clock and of processor time, threads included; what is printed is not kept. */
export async function runFsqlTimed(launcher, args) {
  const begin = performance.now();
  const child = spawn('/bin/sh', ['-c', '"$@" >&2; code=$?; times; exit $code', 'sh', process.execPath, launcher, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const out = [];
  child.stdout.on('data', (data) => out.push(data));
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`fsql ${args.join(' ')} ended with ${code}`);
  const seconds = (performance.now() - begin) / 1000;
  // Two lines, the shell's and its children's; each has the time in user mode and in the system's.
  const [, ofChildren] = Buffer.concat(out).toString().trim().split('\n');
  const cpuSeconds = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest), 0);
  return { seconds, cpuSeconds };
}

export function median(values) {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)];
}
