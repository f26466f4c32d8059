import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { UsageError } from './print-error.ts';

/** Where a server listens when nobody says otherwise. */
export const DEFAULT_PORT = 3775;

/** A connection to a server's PostgreSQL port. A host that begins with a slash is the directory of a Unix socket, as libpq has it. */
export function openSocket(host: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = host.startsWith('/') ? connect({ path: `${host}/.s.PGSQL.${port}` }) : connect({ host, port, noDelay: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'ECONNREFUSED' ? 'nobody listens there; is the server running?' : error.message;
      reject(new UsageError(`cannot connect to ${host} port ${port}: ${reason}`));
    });
  });
}
