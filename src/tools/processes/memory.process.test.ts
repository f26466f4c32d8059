import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { ServerProcess } from './server-process.ts';

let server: ServerProcess | undefined;
afterEach(() => server?.dispose());

const ROWS = 2_000_000;
const GROWTH_MB_MAX = 250;
const STALL_MS = 3_000;

/** Resident memory as the kernel counts it. */
function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

test.skipIf(process.platform !== 'linux')(
  'two million rows to a psql that does not read for a while stay out of memory',
  { timeout: 180_000 },
  async () => {
    server = await ServerProcess.start();
    const before = residentMb(server.pid);
    const query = `COPY (SELECT g, 'a text of forty characters, more or less ' || g FROM generate_series(1, ${ROWS}) g) TO STDOUT`;
    const psql = spawn('psql', ['-X', '-h', '127.0.0.1', '-p', String(server.port), '-U', 'fsql', '-d', 'fsql', '-c', query], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // Nobody listens yet: the pipe fills, then psql, then the socket, and the server has to wait.
    await sleep(STALL_MS);
    let peak = residentMb(server.pid);
    const stalled = peak;
    let lines = 0;
    const { pid } = server;
    const sampler = setInterval(() => {
      peak = Math.max(peak, residentMb(pid));
    }, 100);
    try {
      for await (const chunk of psql.stdout as AsyncIterable<Buffer>) {
        for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
      }
    } finally {
      clearInterval(sampler);
    }
    process.stderr.write(`memory: ${Math.round(before)} MB, stalled ${Math.round(stalled)} MB, at most ${Math.round(peak)} MB\n`);
    expect(lines).toBe(ROWS);
    expect(peak - before).toBeLessThan(GROWTH_MB_MAX);
  },
);
