import { connect } from 'node:net';
import { type Duplex, duplexPair, PassThrough } from 'node:stream';
import { systemClock } from '../../../base/adapters/system-clock.ts';
import { silentLogger } from '../../../base/index.ts';
import { openDatabase } from '../../../main/open-database.ts';
import { createPgServer } from '../../../server/index.ts';
import { createSessionFactory } from '../../../session/index.ts';
import { type RunTerminalOptions, runTerminal } from '../index.ts';

/** The real engine in memory behind the real protocol server, reachable over a socket and in the process. */
export interface TestServer {
  readonly port: number;
  dialSocket(): Promise<Duplex>;
  dialHere(): Promise<Duplex>;
  close(): Promise<void>;
}

export async function openTestServer(): Promise<TestServer> {
  const database = await openDatabase({ dataDir: null, slots: 1, host: 'in-thread', logger: silentLogger });
  const server = createPgServer({ host: '127.0.0.1', port: 0, clock: systemClock, sessions: createSessionFactory(database.engine) });
  const { port } = await server.listen();
  return {
    port,
    dialSocket: () =>
      new Promise((resolve, reject) => {
        const socket = connect({ host: '127.0.0.1', port, noDelay: true });
        socket.once('connect', () => resolve(socket));
        socket.once('error', reject);
      }),
    dialHere: async () => {
      const [near, far] = duplexPair();
      void server.accept(far);
      return near;
    },
    close: async () => {
      await server.close(0);
      await database.close();
    },
  };
}

/** What a run of the terminal printed, and its exit code. */
export interface TerminalRun {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs the terminal like the command does. `input` is what standard input holds. */
export async function runTestTerminal(server: TestServer, options: Partial<RunTerminalOptions> & { readonly text?: string }): Promise<TerminalRun> {
  const input = new PassThrough();
  input.end(options.text ?? '');
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const [printed, complained] = [textOf(output), textOf(errors)];
  const code = await runTerminal({ ...terminalDefaults(server), input, output, errors, ...options });
  output.end();
  errors.end();
  return { code, output: await printed, errors: await complained };
}

export function terminalDefaults(server: TestServer): Omit<RunTerminalOptions, 'input' | 'output' | 'errors'> {
  return {
    dial: () => server.dialHere(),
    server: 'the test server',
    user: 'fsql',
    database: 'fsql',
    clock: systemClock,
    variables: [],
    display: {},
    actions: [],
    singleTransaction: false,
    interactive: false,
    banner: '',
    historyFile: null,
    onInterruptSignal: () => () => undefined,
  };
}

async function textOf(stream: PassThrough): Promise<string> {
  stream.setEncoding('utf8');
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}
