import type { Logger, LogLevel } from '../logger.ts';
import { SqlError } from '../sql-error.ts';

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Writes one line a message to standard error: time, level, message, facts as name=value, those that are undefined left out. Levels below `minimum` are left out. */
export function consoleLogger(minimum: LogLevel, write: (line: string) => void = (line) => process.stderr.write(line)): Logger {
  return {
    log: (level, message, facts = {}) => {
      if (ranks[level] < ranks[minimum]) return;
      const parts = Object.entries(facts).map(([name, value]) => (value === undefined ? '' : ` ${name}=${factText(value)}`));
      write(`${new Date().toISOString()} ${level} ${oneLine(message)}${parts.join('')}\n`);
    },
  };
}

function factText(value: unknown): string {
  if (value instanceof SqlError) return quoted(`${value.code} ${value.message}${value.detail === undefined ? '' : ` (${value.detail})`}`);
  if (value instanceof Error) return quoted(value.stack ?? value.message);
  if (typeof value === 'string') return /^[\w./:@-]+$/.test(value) ? value : quoted(value);
  if (typeof value === 'bigint') return String(value);
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A message with line feeds in it would look like several. */
function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ');
}
