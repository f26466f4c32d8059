/**
 * The terminal: `fsql` without a command. Statements and backslash commands from a person, a file or an option; results as psql prints them.
 *
 * Speaks the PostgreSQL protocol over any byte stream, to a server elsewhere or to the engine in this process; knows no plans.
 *
 * Laws
 * - Ctrl-C stops the running statement or drops the line being typed, never more.
 * - Without a person at the keyboard the first error ends the run, unless ON_ERROR_STOP is off.
 *
 * Start reading at run-terminal.ts, then terminal/terminal.ts, meta/index.ts, input/index.ts, render/index.ts and wire/index.ts.
 * Reference: PostgreSQL documentation, psql.
 */
export { quoteLiteral } from './input/index.ts';
export { displayWidth, type RenderOptions, renderRows, type TextResult } from './render/index.ts';
export { type RunTerminalOptions, runTerminal, type TerminalAction } from './run-terminal.ts';
export { ResultCollector, scriptOf } from './terminal/index.ts';
export { type Dial, ServerConnection } from './wire/index.ts';
