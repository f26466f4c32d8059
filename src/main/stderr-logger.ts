import type { Logger, LogLevel } from '../base/index.ts';

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** One line a message on standard error, from `lowest` up. */
export function stderrLogger(lowest: LogLevel): Logger {
  return {
    log: (level, message, facts) => {
      if (levels.indexOf(level) < levels.indexOf(lowest)) return;
      const shown = Object.entries(facts ?? {}).map(([name, value]) => `${name}=${factText(value)}`);
      process.stderr.write(`${new Date().toISOString()} ${level.toUpperCase()} ${[message, ...shown].join(' ')}\n`);
    },
  };
}

function factText(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.message);
  return typeof value === 'string' ? JSON.stringify(value) : typeof value === 'object' ? JSON.stringify(value) : String(value);
}
