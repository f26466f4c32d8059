export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Structured log: a short message and its facts. Never a secret, never a whole row. */
export interface Logger {
  log(level: LogLevel, message: string, facts?: Readonly<Record<string, unknown>>): void;
}

export const silentLogger: Logger = { log: () => undefined };
