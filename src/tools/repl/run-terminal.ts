import type { Readable } from 'node:stream';
import { linesOf } from './input/index.ts';
import { CommandError } from './meta/index.ts';
import { appendHistory, createCompleter, HISTORY_MAX, InteractiveSource, readHistory, Terminal, type TerminalOptions } from './terminal/index.ts';
import { ConnectionLostError, ServerError, serverMessageText } from './wire/index.ts';

/** What to do before the terminal ends; none: read standard input. */
export type TerminalAction = { readonly kind: 'sql'; readonly text: string } | { readonly kind: 'file'; readonly path: string };

export interface RunTerminalOptions extends TerminalOptions {
  readonly actions: readonly TerminalAction[];
  readonly singleTransaction: boolean;
  readonly input: Readable;
  /** A person sits at `input` and `output`. */
  readonly interactive: boolean;
  /** Shown to that person first; empty: nothing. */
  readonly banner: string;
  readonly historyFile: string | null;
  /** Calls back at each SIGINT of the process; returns how to stop that. */
  readonly onInterruptSignal: (run: () => void) => () => void;
}

/** Exit codes (docs/reference/commands.md); psql, too, ends with 2 when there is no connection. */
const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_NO_CONNECTION = 2;

/** The whole life of `fsql`: connect, run what is to be run or talk to the person, close. Returns the exit code. */
export async function runTerminal(options: RunTerminalOptions): Promise<number> {
  let terminal: Terminal | null = null;
  const stopListening = options.onInterruptSignal(() => terminal?.interrupt());
  try {
    terminal = await Terminal.open(options);
    if (options.actions.length > 0) return await runActions(terminal, options);
    return options.interactive ? await runInteractive(terminal, options) : await runScript(terminal, options);
  } catch (error) {
    return reportEnd(error, options, terminal);
  } finally {
    await terminal?.close();
    stopListening();
  }
}

async function runScript(terminal: Terminal, options: RunTerminalOptions): Promise<number> {
  return inTransaction(terminal, options, async () => {
    const outcome = await terminal.runInput(linesOf(options.input), { interactive: false, fileName: null });
    return outcome === 'stopped' ? EXIT_FAILED : EXIT_OK;
  });
}

async function runActions(terminal: Terminal, options: RunTerminalOptions): Promise<number> {
  return inTransaction(terminal, options, async () => {
    let code = EXIT_OK;
    for (const action of options.actions) {
      const outcome = await runAction(terminal, action, options);
      if (outcome === 'quit') break;
      code = outcome === 'failed' ? EXIT_FAILED : EXIT_OK;
      if (code !== EXIT_OK && terminal.variables.isOn('ON_ERROR_STOP')) break;
    }
    return code;
  });
}

async function runAction(terminal: Terminal, action: TerminalAction, options: RunTerminalOptions): Promise<'ok' | 'failed' | 'quit'> {
  const outcomes = { end: 'ok', stopped: 'failed', quit: 'quit' } as const;
  if (action.kind === 'sql') {
    if (!action.text.trimStart().startsWith('\\')) return terminal.runText(action.text, linesOf(inputOf(options)));
    return outcomes[await terminal.runInput(linesOf(onePiece(action.text)), { interactive: false, fileName: null })];
  }
  if (action.path !== '-') return terminal.runFile(action.path);
  return outcomes[await terminal.runInput(linesOf(options.input), { interactive: false, fileName: null })];
}

/** Standard input from the moment somebody reads it, such as COPY FROM STDIN. */
async function* inputOf(options: RunTerminalOptions): AsyncGenerator<string | Uint8Array> {
  yield* options.input;
}

async function* onePiece(text: string): AsyncGenerator<string> {
  yield text;
}

/** `-1`: all of it or nothing. */
async function inTransaction(terminal: Terminal, options: RunTerminalOptions, work: () => Promise<number>): Promise<number> {
  if (!options.singleTransaction) return work();
  if ((await terminal.executeSilently('BEGIN')) !== 'ok') return EXIT_FAILED;
  const code = await work();
  const ended = await terminal.executeSilently(terminal.failed ? 'ROLLBACK' : 'COMMIT');
  return ended === 'ok' ? code : EXIT_FAILED;
}

async function runInteractive(terminal: Terminal, options: RunTerminalOptions): Promise<number> {
  const source = new InteractiveSource({
    input: options.input,
    output: options.output,
    completer: createCompleter({
      ask: (sql) => terminal.ask(sql),
      get canAsk() {
        return !terminal.busy && terminal.connection.transactionStatus === 'I';
      },
      get lastStatement() {
        return terminal.lastStatement;
      },
    }),
    history: await readHistory(options.historyFile),
    historyMax: HISTORY_MAX,
    onInterrupt: () => terminal.interrupt(),
  });
  terminal.historyLines = () => source.entered;
  if (options.banner !== '') await terminal.print(`${options.banner}\n`);
  try {
    const outcome = await terminal.runInput(source, { interactive: true, fileName: null });
    // Ctrl-D leaves the cursor behind the prompt.
    if (outcome === 'end') options.output.write('\\q\n');
    return EXIT_OK;
  } finally {
    source.close();
    await appendHistory(options.historyFile, source.entered);
  }
}

/** What ended the terminal before its time. Bugs go on up. */
function reportEnd(error: unknown, options: RunTerminalOptions, terminal: Terminal | null): number {
  if (error instanceof CommandError) {
    options.errors.write(`${error.message}\n`);
    return EXIT_FAILED;
  }
  // With a terminal, a FATAL error has been printed by it.
  if (error instanceof ServerError && terminal === null) options.errors.write(serverMessageText(error.fields));
  else if (error instanceof ConnectionLostError) options.errors.write(`fsql: ${error.message}\n`);
  else if (!(error instanceof ServerError)) throw error;
  return EXIT_NO_CONNECTION;
}
