import { spawn } from 'node:child_process';

export interface PsqlResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PsqlOptions {
  readonly port: number;
  /** Typed to psql's standard input, as at its prompt. */
  readonly input?: string;
  /** Further arguments, such as `-At`. */
  readonly args?: readonly string[];
  readonly timeoutMs?: number;
  /** Ctrl-C after this time. */
  readonly interruptAfterMs?: number;
}

const TIMEOUT_MS = 30_000;

/** The real psql, reading from standard input. Past its time it is ended, and the code is null. */
export function runPsql({ port, input = '', args = [], timeoutMs = TIMEOUT_MS, interruptAfterMs }: PsqlOptions): Promise<PsqlResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('psql', ['-X', '-h', '127.0.0.1', '-p', String(port), '-U', 'fsql', '-d', 'fsql', ...args]);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const interrupt = interruptAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGINT'), interruptAfterMs);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      clearTimeout(interrupt);
      resolve({ code, stdout, stderr });
    });
    // The server may end psql before it has read everything.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
