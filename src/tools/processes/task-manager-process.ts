import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { eventually } from './eventually.ts';
import { isRunning, type ProcessEnd, spawnFsql } from './server-process.ts';
import { withSourcePlaces } from './source-places.ts';

/** `fsql taskmanager` as a process of its own. */
export class TaskManagerChild {
  readonly #child: ChildProcess;
  readonly #end: Promise<ProcessEnd>;
  #stdout = '';
  #log = '';

  /** Starts without waiting. `ports`: where the JobManager and its standbys listen. */
  constructor(ports: number | readonly number[], args: readonly string[] = []) {
    const jobManagers = [ports].flat().map((port) => `127.0.0.1:${port}`);
    const child = spawnFsql(['taskmanager', '--slots', '2', '--jobmanager', jobManagers.join(), ...args]);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
    });
    this.#end = new Promise((resolve) => {
      child.on('close', (code, signal) => resolve({ code, signal }));
    });
    this.#child = child;
  }

  get running(): boolean {
    return isRunning(this.#child);
  }

  get log(): string {
    return withSourcePlaces(this.#log);
  }

  /** Of its newest registration. */
  get id(): string {
    return [...this.#stdout.matchAll(/ready: (\S+) with/g)].at(-1)?.[1] ?? '';
  }

  /** Resolves when it has registered for the `times`-th time. */
  async joined(times = 1): Promise<void> {
    const count = async (): Promise<number> => this.#stdout.split('fsql taskmanager ready').length - 1;
    await eventually(`registration ${times} (${this.log})`, count, (joined) => joined >= times, 40_000);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  end(): Promise<ProcessEnd> {
    return this.#end;
  }

  async dispose(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#end;
  }
}

/** A port nobody listens at just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
