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

export function median(values) {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)];
}
