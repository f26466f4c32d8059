import type { Clock } from '../../../base/index.ts';
import type { InputScanner, LineSource, Variables } from '../input/index.ts';
import type { TextResult } from '../render/index.ts';
import type { DisplaySettings } from '../terminal/display-settings.ts';
import type { ServerConnection } from '../wire/index.ts';

/** How a command ended; `quit` leaves the terminal. */
export type CommandOutcome = 'ok' | 'failed' | 'quit';

/** A command as it was typed. */
export interface CommandCall {
  /** Without the backslash, with its `+` or `S`. */
  readonly name: string;
  readonly words: readonly string[];
  /** Everything behind the name, for commands with a syntax of their own. */
  readonly text: string;
  /** The input the command stands in: its unfinished statement, and the lines that follow. */
  readonly scanner: InputScanner;
  readonly source: LineSource;
}

/** What a command may use of the terminal. */
export interface MetaContext {
  readonly settings: DisplaySettings;
  readonly variables: Variables;
  readonly connection: ServerConnection;
  readonly server: string;
  readonly clock: Clock;
  /** The statement that ran last, for `\g` and `\watch` without one. */
  readonly lastStatement: string;
  /** Where results go: the terminal, or the file of `\o`. */
  print(text: string): Promise<void>;
  printError(text: string): Promise<void>;
  printTable(result: TextResult): Promise<void>;
  /** Runs a query of the command's own; shown first when ECHO_HIDDEN is on. */
  query(sql: string): Promise<TextResult>;
  /** Runs SQL of the user's and prints what comes. Data of COPY comes from and goes to `copy`, else the input and the output. */
  execute(sql: string, copy?: CopyEnds): Promise<CommandOutcome>;
  runFile(path: string): Promise<CommandOutcome>;
  /** Sends results to a file from now on; null: to the terminal again. */
  setOutput(path: string | null): Promise<void>;
  /** False when it was interrupted. */
  sleep(seconds: number): Promise<boolean>;
  history(): readonly string[];
}

/** Files in the place of the terminal for COPY's data. */
export interface CopyEnds {
  readonly from?: string;
  readonly to?: string;
}

/** A backslash command: what help says of it, and what it does. */
export interface MetaCommand {
  readonly names: readonly string[];
  readonly usage: string;
  readonly description: string;
  /** Rejects with CommandError for what the user did wrong, with ServerError for what the server refused. */
  run(context: MetaContext, call: CommandCall): Promise<CommandOutcome>;
}

/** Printed as it is, on standard error. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
