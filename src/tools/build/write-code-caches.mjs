import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TIMEOUT_MS = 180_000;

const folder = dirname(fileURLToPath(import.meta.url));

/**
 * Writes the code cache of every bundle: runs typical commands, so that V8 has compiled what a start needs, and stores what it made. A build without
 * caches works, but is slow to start, so a failure fails the build.
 */
export function writeCodeCaches(root) {
  return new Promise((resolve, reject) => {
    const args = ['--require', join(folder, 'keep-code.cjs'), join(folder, 'warm-up.cjs'), join(root, 'dist')];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: {}, timeout: TIMEOUT_MS });
    const printed = [];
    child.stdout.on('data', (data) => printed.push(data));
    child.stderr.on('data', (data) => printed.push(data));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`the commands for the code caches ended with ${code ?? signal}\n${Buffer.concat(printed)}`));
    });
  });
}
