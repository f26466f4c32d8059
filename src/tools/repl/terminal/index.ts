/**
 * The conversation: reading input, running it, printing what comes, and what a person needs beside it (prompt, history, completion).
 *
 * Start reading at terminal.ts, then result-printer.ts and interactive-source.ts.
 */
export { createCompleter } from './completion.ts';
export { appendHistory, HISTORY_MAX, readHistory } from './history-file.ts';
export { InteractiveSource } from './interactive-source.ts';
export { ResultCollector } from './result-collector.ts';
export { scriptOf } from './script-of.ts';
export { Terminal, type TerminalOptions } from './terminal.ts';
