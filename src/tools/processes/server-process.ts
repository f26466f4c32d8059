import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { withSourcePlaces } from './source-places.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export interface ServerProcessOptions {
  /** Default: a temporary directory of its own. */
  readonly dataDir?: string;
  readonly slots?: number;
  /** Only a front end of JobManagers that listen at these ports. */
  readonly frontEndOf?: readonly number[];
  /** Further options of the command. */
  readonly args?: readonly string[];
  /** 0 = any. */
  readonly port?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Where its relative paths begin; default: that of this process. */
  readonly directory?: string | undefined;
  /** Options of node, such as a heap limit. */
  readonly nodeArgs?: readonly string[];
}

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const READY = /^fsql ready: \S+:(\d+)\/fsql http:\/\/\S+:(\d+) \((\d+) ms\)$/m;
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 15_000;

const root = fileURLToPath(new URL('../../..', import.meta.url));
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The built command as a child that does not outlive this process. */
export function spawnFsql(
  args: readonly string[],
  { nodeArgs = [], environment = {}, directory }: Pick<ServerProcessOptions, 'nodeArgs' | 'environment' | 'directory'> = {},
): ChildProcessByStdio<null, Readable, Readable> {
  const cli = process.env.FSQL_TEST_CLI ?? join(root, 'bin/fsql.js');
  if (process.env.FSQL_TEST_CLI === undefined && !existsSync(join(root, 'dist/cli.cjs')))
    throw new Error('dist/cli.cjs is missing: run "npm run build" first (npm test does)');
  const child = spawn(process.execPath, [...nodeArgs, cli, ...args], {
    env: { ...process.env, ...environment },
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.on('close', () => running.delete(child));
  return child;
}

export function isRunning(child: ChildProcess | undefined): boolean {
  return child !== undefined && child.exitCode === null && child.signalCode === null;
}

/** `fsql serve` as a process of its own. */
export class ServerProcess {
  readonly dataDir: string;
  #options: ServerProcessOptions;
  #child: ChildProcess | undefined;
  #end: Promise<ProcessEnd> = Promise.resolve({ code: null, signal: null });
  #stdout = '';
  #log = '';
  #earlier = '';
  #port = 0;
  #httpPort = 0;
  #clients = new Set<pg.Client>();

  private constructor(options: ServerProcessOptions) {
    this.#options = options;
    this.dataDir = options.dataDir ?? temporaryDirectory();
  }

  /** Resolves when the server has printed its ready line; rejects with what it printed when it ends before. */
  static async start(options: ServerProcessOptions = {}): Promise<ServerProcess> {
    const server = ServerProcess.launch(options);
    await server.ready();
    return server;
  }

  /** Starts without waiting: for servers that are killed while they start, or are expected to refuse. */
  static launch(options: ServerProcessOptions = {}): ServerProcess {
    const server = new ServerProcess(options);
    server.relaunch();
    return server;
  }

  get port(): number {
    return this.#port;
  }

  get httpPort(): number {
    return this.#httpPort;
  }

  get running(): boolean {
    return isRunning(this.#child);
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Standard error since the last start: the log. */
  get log(): string {
    return withSourcePlaces(this.#log);
  }

  /** The log since the first start. */
  get history(): string {
    return withSourcePlaces(this.#earlier + this.#log);
  }

  /** Standard output since the last start. */
  get output(): string {
    return this.#stdout;
  }

  /** Another process on the same directory, without waiting for it. */
  relaunch(): void {
    const { slots = 2, port = 0, args = [], nodeArgs = [], environment = {}, directory, frontEndOf } = this.#options;
    const place =
      frontEndOf === undefined
        ? ['--data-dir', this.dataDir, '--slots', String(slots)]
        : ['--jobmanager', frontEndOf.map((jobManager) => `127.0.0.1:${jobManager}`).join()];
    const serve = ['serve', '--port', String(port), '--http-port', '0', ...place];
    this.#stdout = '';
    if (this.#child !== undefined) this.#earlier += `${this.#log}--- started again\n`;
    this.#log = '';
    const child = spawnFsql([...serve, ...args], { nodeArgs, environment, directory });
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

  /** Resolves with the milliseconds the server says it took. */
  async ready(): Promise<number> {
    const child = this.#child!;
    const deadline = performance.now() + START_TIMEOUT_MS;
    for (;;) {
      const match = READY.exec(this.#stdout);
      if (match !== null) {
        this.#port = Number(match[1]);
        this.#httpPort = Number(match[2]);
        return Number(match[3]);
      }
      const ended = child.exitCode !== null || child.signalCode !== null;
      if (ended || performance.now() > deadline)
        throw new Error(
          `the server ${ended ? `ended (${child.exitCode ?? child.signalCode})` : 'was not ready in time'}:\n${this.#stdout}${this.log}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async restart(): Promise<void> {
    this.relaunch();
    await this.ready();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** SIGKILL; its clients see the connection break. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#end;
    this.#clients.clear();
  }

  /** Resolves when the process ends, by itself or by `signal`. Past its time it is killed, and the signal says so. */
  async end(signal?: NodeJS.Signals): Promise<ProcessEnd> {
    if (signal !== undefined) this.#child?.kill(signal);
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_TIMEOUT_MS);
    const end = await this.#end;
    clearTimeout(timer);
    return end;
  }

  /** Ends everything, whatever state it is in. */
  async dispose(): Promise<void> {
    for (const client of this.#clients) await client.end().catch(() => undefined);
    await this.kill();
  }

  /** A connection that does not fail the test when the server is killed under it; the statement that runs is rejected all the same. */
  async connect(): Promise<pg.Client> {
    const client = new pg.Client({ host: '127.0.0.1', port: this.#port, user: 'fsql', database: 'fsql' });
    client.on('error', () => undefined);
    await client.connect();
    this.#clients.add(client);
    client.on('end', () => this.#clients.delete(client));
    return client;
  }

  /** Rows of one statement on a connection of its own, as text. */
  async rows(sql: string): Promise<(string | null)[][]> {
    const client = await this.connect();
    try {
      const result = await client.query({ text: sql, rowMode: 'array', types: { getTypeParser: () => (value: string) => value } });
      return result.rows as unknown as (string | null)[][];
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** The one value of a statement that gives one. */
  async value(sql: string): Promise<string | null> {
    return (await this.rows(sql))[0]?.[0] ?? null;
  }
}
