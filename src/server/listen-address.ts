import { SqlError, SqlState } from '../base/index.ts';

/** A name or address that only programs on this machine reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Without authentication nobody but this machine may connect. */
export function refuseOpenAddress(host: string): void {
  if (isLoopback(host)) return;
  throw new SqlError({
    code: SqlState.configFileError,
    message: `refusing to listen on "${host}": no authentication is configured`,
    hint: 'Listen on 127.0.0.1 and reach it through an SSH tunnel.',
  });
}

/** What listen failed with, in words that say what to do; `option` is the command-line option that sets the port. */
export function listenError(error: NodeJS.ErrnoException, at: { host: string; port: number; option: string }): SqlError {
  const known = listenProblems[error.code ?? ''];
  return new SqlError({
    code: SqlState.systemError,
    message: `could not listen on ${at.host}:${at.port}: ${known?.reason ?? error.message}`,
    hint: known?.hint(at.option),
    class: 'external',
    cause: error,
  });
}

const listenProblems: Record<string, { reason: string; hint: (option: string) => string }> = {
  EADDRINUSE: {
    reason: 'the port is in use',
    hint: (option) => `Is another server already running there? Choose another port with ${option}, or 0 for any free one.`,
  },
  EACCES: {
    reason: 'permission denied',
    hint: (option) => `Ports below 1024 belong to the system administrator; choose another one with ${option}.`,
  },
  EADDRNOTAVAIL: { reason: 'the address is not available', hint: () => 'The address does not belong to this machine.' },
  ENOTFOUND: { reason: 'the name does not resolve', hint: () => 'Use 127.0.0.1.' },
};
