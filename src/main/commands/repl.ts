import { homedir } from 'node:os';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { consoleLogger } from '../../base/adapters/console-logger.ts';
import { systemClock } from '../../base/adapters/system-clock.ts';
import type { Dial, RunTerminalOptions, TerminalAction } from '../../tools/repl/index.ts';
import { runTerminal } from '../../tools/repl/index.ts';
import { UsageError } from '../print-error.ts';
import { DEFAULT_PORT, openSocket } from '../server-socket.ts';

export interface ReplOptions {
  /** `-c` and `-f` in the order they were given. */
  readonly actions: readonly TerminalAction[];
  readonly host?: string;
  readonly port?: number;
  readonly user: string;
  readonly dbname: string;
  readonly dataDir?: string;
  readonly memory?: boolean;
  readonly variable: readonly string[];
  /** False for `-A`. */
  readonly align: boolean;
  readonly tuplesOnly?: boolean;
  readonly expanded?: boolean;
  readonly csv?: boolean;
  readonly json?: boolean;
  readonly singleTransaction?: boolean;
  readonly quiet?: boolean;
  readonly echoHidden?: boolean;
  readonly version: string;
}

/** The other side of the terminal: a server, or the engine in this process behind the same protocol. */
interface OtherSide {
  readonly dial: Dial;
  readonly description: string;
  close(): Promise<void>;
}

/** When the second Ctrl-C ends the process. */
const EXIT_INTERRUPTED = 130;

/** `fsql`: terminal, or `-c`, `-f` and standard input as scripts. Resolves to the exit code. */
export async function runRepl(options: ReplOptions): Promise<number> {
  const interactive = options.actions.length === 0 && process.stdin.isTTY === true && process.stdout.isTTY === true;
  const standardInput = lazyInput();
  const other = options.host === undefined ? await openEmbedded(options, interactive) : remote(options.host, options.port ?? DEFAULT_PORT);
  try {
    return await runTerminal(terminalOptions(options, { other, interactive, standardInput }));
  } finally {
    await other.close();
    standardInput.release();
  }
}

interface LazyInput {
  readonly stream: NodeJS.ReadStream;
  release(): void;
}

/** Standard input, opened when somebody reads it: `-c` seldom does, and opening takes time. */
function lazyInput(): LazyInput {
  let opened: NodeJS.ReadStream | null = null;
  return {
    get stream() {
      opened ??= process.stdin;
      return opened;
    },
    // A pipe that stays open would keep the process waiting for input nobody wants.
    release: () => opened?.unref?.(),
  };
}

interface TerminalSides {
  readonly other: OtherSide;
  readonly interactive: boolean;
  readonly standardInput: LazyInput;
}

function terminalOptions(options: ReplOptions, { other, interactive, standardInput }: TerminalSides): RunTerminalOptions {
  return {
    dial: other.dial,
    server: other.description,
    user: options.user,
    database: options.dbname,
    actions: options.actions,
    singleTransaction: options.singleTransaction ?? false,
    get input() {
      return standardInput.stream;
    },
    output: process.stdout,
    errors: process.stderr,
    interactive,
    banner: options.quiet ? '' : `fsql ${options.version}, connected to ${other.description}. Type \\? for help.`,
    historyFile: process.env.FSQL_HISTORY ?? join(homedir(), '.fsql_history'),
    onInterruptSignal: listenForInterrupts,
    clock: systemClock,
    variables: variablesOf(options),
    display: {
      format: options.json ? 'json' : options.csv ? 'csv' : options.align ? 'aligned' : 'unaligned',
      expanded: options.expanded ?? false,
      tuplesOnly: options.tuplesOnly ?? false,
      quiet: options.quiet ?? false,
    },
  };
}

function variablesOf(options: ReplOptions): [string, string][] {
  const given = options.variable.map((assignment): [string, string] => {
    const at = assignment.indexOf('=');
    return at < 0 ? [assignment, ''] : [assignment.slice(0, at), assignment.slice(at + 1)];
  });
  for (const [name] of given) if (!/^[\w\u0080-\uffff]+$/.test(name)) throw new UsageError(`invalid variable name: "${name}"`);
  return options.echoHidden ? [...given, ['ECHO_HIDDEN', 'on']] : given;
}

/** The first SIGINT stops the statement, the second the process. */
function listenForInterrupts(run: () => void): () => void {
  let seen = false;
  const onInterrupt = (): void => {
    if (seen) process.exit(EXIT_INTERRUPTED);
    seen = true;
    run();
  };
  process.on('SIGINT', onInterrupt);
  return () => process.off('SIGINT', onInterrupt);
}

function remote(host: string, port: number): OtherSide {
  return {
    dial: () => openSocket(host, port),
    description: `${host}:${port}`,
    close: async () => undefined,
  };
}

/** The engine, in this thread, behind the protocol everybody speaks. What it needs is loaded here: a client needs none of it. */
async function openEmbedded(options: ReplOptions, interactive: boolean): Promise<OtherSide> {
  const [{ openDatabase }, { createPgServer }, { createSessionFactory }] = await Promise.all([
    import('../open-database.ts'),
    import('../../server/pgwire/index.ts'),
    import('../../session/index.ts'),
  ]);
  const dataDir = options.memory ? null : (options.dataDir ?? null);
  const logger = consoleLogger(interactive ? 'error' : 'warn');
  const database = await openDatabase({ dataDir, slots: 1, host: 'in-thread', logger });
  const server = createPgServer({ host: '127.0.0.1', port: 0, clock: database.clock, sessions: createSessionFactory(database.engine), logger });
  return {
    dial: async () => {
      const [near, far] = duplexPair();
      void server.accept(far);
      return near;
    },
    description: dataDir === null ? 'an engine in this process, in memory' : `an engine in this process, data directory "${dataDir}"`,
    close: async () => {
      await server.close(0);
      await database.close();
    },
  };
}
