import { createReadStream, createWriteStream, type ReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { Clock } from '../../../base/index.ts';
import { commandArguments, InputScanner, type LineSource, linesOf, Variables } from '../input/index.ts';
import { CommandError, type CommandOutcome, type CopyEnds, findMetaCommand, type MetaContext } from '../meta/index.ts';
import { renderRows, type TextResult, type TextRow } from '../render/index.ts';
import { type Dial, ServerConnection, ServerError, type ServerMessage, serverMessageText } from '../wire/index.ts';
import { copyLines } from './copy-data.ts';
import { type DisplaySettings, defaultDisplay } from './display-settings.ts';
import { InputInterrupted } from './input-interrupted.ts';
import { COPY_PROMPT, promptFor } from './prompt.ts';
import { ResultCollector } from './result-collector.ts';
import { ResultPrinter } from './result-printer.ts';
import { scriptOf } from './script-of.ts';
import { mayNeverEnd } from './statement-kind.ts';
import { TextSink } from './text-sink.ts';

export interface TerminalOptions {
  readonly dial: Dial;
  /** What `\conninfo` says of the other side. */
  readonly server: string;
  readonly user: string;
  readonly database: string;
  readonly output: Writable;
  readonly errors: Writable;
  readonly clock: Clock;
  readonly variables: readonly (readonly [string, string])[];
  readonly display: Partial<DisplaySettings>;
}

/** Where input stands, for messages and for what happens on an error. */
export interface InputContext {
  readonly interactive: boolean;
  /** Named in messages; null for standard input and `-c`. */
  readonly fileName: string | null;
}

/** How a run of input ended: all read, stopped by an error, or `\q`. */
export type InputOutcome = 'end' | 'stopped' | 'quit';

/** Files may run files; a file that runs itself must end some time. */
const NESTED_FILES_MAX = 64;

/** One connection with what a terminal adds to it: variables, settings, backslash commands, printing. */
export class Terminal implements MetaContext {
  readonly settings: DisplaySettings;
  readonly variables = new Variables();
  readonly server: string;
  readonly clock: Clock;
  connection!: ServerConnection;
  lastStatement = '';
  /** A statement failed, whatever came after it. */
  failed = false;
  historyLines: () => readonly string[] = () => [];
  readonly #standardOutput: TextSink;
  readonly #errors: TextSink;
  #output: TextSink;
  #running = false;
  #lastRun: Promise<void> = Promise.resolve();
  #stopWaiting: (() => void) | null = null;
  #nestedFiles = 0;
  #source: LineSource = { next: async () => null };

  private constructor(options: TerminalOptions) {
    this.settings = { ...defaultDisplay, ...options.display };
    this.server = options.server;
    this.clock = options.clock;
    this.#standardOutput = new TextSink(options.output);
    this.#errors = new TextSink(options.errors);
    this.#output = this.#standardOutput;
    for (const [name, value] of [['ON_ERROR_STOP', '1'] as const, ...options.variables]) {
      if (!this.variables.set(name, value)) throw new CommandError(`invalid variable name: "${name}"`);
    }
  }

  /** Rejects with CommandError, ServerError or the dial's error. */
  static async open(options: TerminalOptions): Promise<Terminal> {
    const terminal = new Terminal(options);
    const { dial, user, database } = options;
    const onNotice = (notice: ServerMessage): void => void terminal.#errors.write(serverMessageText(notice));
    terminal.connection = await ServerConnection.open({ dial, user, database, onNotice });
    return terminal;
  }

  async close(): Promise<void> {
    await this.setOutput(null);
    this.connection.close();
  }

  /** Stops what runs now. False when nothing does. */
  interrupt(): boolean {
    this.#stopWaiting?.();
    if (this.#running) void this.connection.cancel().catch(() => undefined);
    return this.#running || this.#stopWaiting !== null;
  }

  history(): readonly string[] {
    return this.historyLines();
  }

  print(text: string): Promise<void> {
    return this.#output.write(text);
  }

  printError(text: string): Promise<void> {
    return this.#errors.write(text);
  }

  printTable(result: TextResult): Promise<void> {
    return this.print(renderRows(result, this.settings));
  }

  async query(sql: string): Promise<TextResult> {
    if (this.variables.isOn('ECHO_HIDDEN')) await this.print(`********* QUERY **********\n${sql};\n**************************\n\n`);
    const collector = new ResultCollector();
    await this.#run(() => this.connection.run(sql, collector));
    return collector.result;
  }

  async execute(sql: string, copy: CopyEnds = {}): Promise<CommandOutcome> {
    this.lastStatement = sql;
    const copyFile = copy.to === undefined ? null : await openForWriting(copy.to);
    const from = copy.from === undefined ? null : await openForReading(copy.from);
    const printer = new ResultPrinter({
      settings: { ...this.settings },
      sink: this.#output,
      live: mayNeverEnd(sql),
      copySource: () => from ?? copyLines(this.#source, COPY_PROMPT),
      copySink: copyFile ?? this.#output,
    });
    const startedMs = this.clock.monotonicMs();
    try {
      await this.#run(() => this.connection.run(sql, printer));
      this.#recordSuccess(printer.rowCount);
      return 'ok';
    } catch (error) {
      return await this.#reportError(error, sql);
    } finally {
      from?.destroy();
      if (this.settings.timing) await this.print(`Time: ${(this.clock.monotonicMs() - startedMs).toFixed(3)} ms\n`);
      await copyFile?.end();
    }
  }

  /** Runs a text of `-c` whole, so that its statements are one transaction unless they say otherwise. */
  async runText(sql: string, source: LineSource): Promise<CommandOutcome> {
    this.#source = source;
    return this.execute(this.#withVariables(sql));
  }

  /** A query of completion: nothing is printed, nothing recorded. */
  async ask(sql: string): Promise<readonly TextRow[]> {
    const collector = new ResultCollector();
    await this.#run(() => this.connection.run(sql, collector));
    return collector.result.rows;
  }

  get busy(): boolean {
    return this.#running;
  }

  /** BEGIN and COMMIT that the user did not write are run like this: no tag, errors printed. */
  async executeSilently(sql: string): Promise<CommandOutcome> {
    try {
      await this.#run(() => this.connection.run(sql, new ResultCollector()));
      return 'ok';
    } catch (error) {
      return this.#reportError(error, sql);
    }
  }

  async runFile(path: string): Promise<CommandOutcome> {
    if (this.#nestedFiles >= NESTED_FILES_MAX) throw new CommandError(`\\i: more than ${NESTED_FILES_MAX} files within each other`);
    const chunks = await openForReading(path);
    this.#nestedFiles++;
    try {
      const outcome = await this.runInput(linesOf(chunks), { interactive: false, fileName: path });
      return outcome === 'quit' ? 'ok' : outcome === 'stopped' ? 'failed' : 'ok';
    } finally {
      chunks.destroy();
      this.#nestedFiles--;
    }
  }

  async setOutput(path: string | null): Promise<void> {
    const opened = path === null ? null : await openForWriting(path);
    if (this.#output !== this.#standardOutput) await this.#output.end();
    this.#output = opened ?? this.#standardOutput;
  }

  async sleep(seconds: number): Promise<boolean> {
    const elapsed = await new Promise<boolean>((resolve) => {
      const timer = this.clock.after(seconds * 1000, () => resolve(true));
      this.#stopWaiting = () => {
        timer.cancel();
        resolve(false);
      };
    });
    this.#stopWaiting = null;
    return elapsed;
  }

  /** Reads and runs input to its end. Rejects with ConnectionLostError when there is nobody left to talk to. */
  async runInput(source: LineSource, context: InputContext): Promise<InputOutcome> {
    const scanner = new InputScanner(this.variables);
    const outer = this.#source;
    this.#source = source;
    try {
      return await this.#runLines(scanner, source, context);
    } finally {
      this.#source = outer;
    }
  }

  async #runLines(scanner: InputScanner, source: LineSource, context: InputContext): Promise<InputOutcome> {
    for (;;) {
      try {
        const line = await source.next(promptFor(scanner.inside, this.connection.transactionStatus));
        if (line === null) break;
        const outcome = await this.#runLine(scanner, { line, source, context });
        if (outcome !== 'end') return outcome;
      } catch (error) {
        if (!(error instanceof InputInterrupted)) throw error;
        scanner.reset();
      }
    }
    const rest = scanner.takeBuffer();
    if (rest.text === '' || context.interactive) return 'end';
    return this.#continues(await this.#statement(rest, context), context);
  }

  async #runLine(scanner: InputScanner, input: { line: string; source: LineSource; context: InputContext }): Promise<InputOutcome> {
    const { context, source } = input;
    for (const item of scanner.scan(input.line)) {
      const outcome =
        item.kind === 'statement'
          ? await this.#statement(item, context)
          : await this.#command(item, { scanner, source, location: { line: item.line, context } });
      const next = this.#continues(outcome, context);
      if (next !== 'end') return next;
      if (this.#standardOutput.gone) return 'quit';
    }
    return 'end';
  }

  #continues(outcome: CommandOutcome, context: InputContext): InputOutcome {
    if (outcome === 'quit') return 'quit';
    if (outcome === 'failed' && !context.interactive && this.variables.isOn('ON_ERROR_STOP')) return 'stopped';
    return 'end';
  }

  async #statement(statement: { text: string; line: number }, context: InputContext): Promise<CommandOutcome> {
    const script = scriptOf(statement.text);
    const outcome = script === null ? await this.execute(statement.text) : await this.#runScript(script);
    if (outcome === 'failed') await this.#printLocation({ line: statement.line, context });
    return outcome;
  }

  async #command(
    command: { name: string; argumentText: string },
    input: { scanner: InputScanner; source: LineSource; location: { line: number; context: InputContext } },
  ): Promise<CommandOutcome> {
    const { name, argumentText: text } = command;
    const { scanner, source } = input;
    try {
      const found = findMetaCommand(name);
      if (found === undefined) throw new CommandError(`invalid command \\${name}. Try \\? for help.`);
      const { words } = commandArguments(text, 0, this.variables);
      return await found.run(this, { name, words, text, scanner, source });
    } catch (error) {
      const outcome = await this.#reportError(error, undefined);
      await this.#printLocation(input.location);
      return outcome;
    }
  }

  async #runScript(path: string): Promise<CommandOutcome> {
    try {
      return await this.runFile(path);
    } catch (error) {
      return this.#reportError(error, undefined);
    }
  }

  /** A file's statement is found by the line it begins on. */
  async #printLocation({ line, context }: { line: number; context: InputContext }): Promise<void> {
    if (context.fileName !== null) await this.printError(`LOCATION:  ${context.fileName}:${line}\n`);
  }

  /** One query at a time: a completion may still be asking for names when the next statement is entered. */
  async #run(work: () => Promise<void>): Promise<void> {
    const before = this.#lastRun;
    const run = (async () => {
      await before;
      this.#running = true;
      try {
        await work();
      } finally {
        this.#running = false;
      }
    })();
    this.#lastRun = run.catch(() => undefined);
    await run;
  }

  /** Prints what went wrong; a lost connection and bugs go on up. `text` is what positions refer to. */
  async #reportError(error: unknown, text: string | undefined): Promise<'failed'> {
    this.failed = true;
    if (error instanceof ServerError) {
      await this.printError(serverMessageText(error.fields, text));
      this.variables.set('ERROR', 'true');
      this.variables.set('SQLSTATE', error.fields.code);
      this.variables.set('LAST_ERROR_SQLSTATE', error.fields.code);
      this.variables.set('LAST_ERROR_MESSAGE', error.fields.message);
      this.variables.set('ROW_COUNT', '0');
      if (error.fields.severity === 'FATAL') throw error;
      return 'failed';
    }
    if (!(error instanceof CommandError)) throw error;
    await this.printError(`${error.message}\n`);
    return 'failed';
  }

  #withVariables(sql: string): string {
    if (!sql.includes(':')) return sql;
    const scanner = new InputScanner(this.variables);
    const parts: string[] = [];
    for (const line of sql.split('\n')) {
      for (const item of scanner.scan(line)) parts.push(item.kind === 'statement' ? item.text : `\\${item.name}${item.argumentText}`);
    }
    parts.push(scanner.takeBuffer().text);
    // Positions in messages are exact when the text goes out as it was typed.
    return scanner.hasReplaced ? parts.join(' ') : sql;
  }

  #recordSuccess(rowCount: number): void {
    this.variables.set('ERROR', 'false');
    this.variables.set('SQLSTATE', '00000');
    this.variables.set('ROW_COUNT', String(rowCount));
  }
}

async function openForWriting(path: string): Promise<TextSink> {
  const handle = await open(path, 'w').catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(fileProblem(path, error));
  });
  return new TextSink(createWriteStream(path, { fd: handle }));
}

async function openForReading(path: string): Promise<ReadStream> {
  const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(fileProblem(path, error));
  });
  return createReadStream(path, { fd: handle });
}

function fileProblem(path: string, error: NodeJS.ErrnoException): string {
  const reasons: Readonly<Record<string, string>> = { ENOENT: 'No such file or directory', EACCES: 'Permission denied', EISDIR: 'Is a directory' };
  return `${path}: ${reasons[error.code ?? ''] ?? error.message}`;
}
