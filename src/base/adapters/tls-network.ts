import { connect, createSecureContext, createServer, type TLSSocket } from 'node:tls';
import type { Connection, Network, NetworkListener } from '../network.ts';
import { CONNECT_MS_MAX, connectionOf, listening } from './node-network.ts';

/** Certificate and key of this process, and the authority that has signed those of all processes of the cluster; PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

const HANDSHAKE_MS_MAX = 10_000;

/**
 * TCP with TLS 1.3, both sides of which show a certificate of the cluster's authority. Names in certificates are not compared: whoever has one is of the
 * cluster. Throws what is wrong with the files.
 */
export function tlsNetwork(files: TlsFiles): Network {
  const shared = { secureContext: createSecureContext({ ...files, minVersion: 'TLSv1.3' }), rejectUnauthorized: true };
  return {
    listen: (address, accept): Promise<NetworkListener> => {
      const server = createServer({
        ...files,
        minVersion: 'TLSv1.3',
        requestCert: true,
        rejectUnauthorized: true,
        handshakeTimeout: HANDSHAKE_MS_MAX,
      });
      server.on('secureConnection', (socket: TLSSocket) => accept(connectionOf(socket)));
      server.on('tlsClientError', (error, socket: TLSSocket) => accept(refused(socket, error)));
      return listening(server, address);
    },
    connect: ({ host, port }) =>
      new Promise<Connection>((resolve, reject) => {
        const socket = connect({ ...shared, host, port, checkServerIdentity: () => undefined });
        const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${CONNECT_MS_MAX} ms`)), CONNECT_MS_MAX);
        socket.setNoDelay(true);
        socket.once('error', (error) => {
          clearTimeout(timer);
          reject(error);
        });
        socket.once('secureConnect', () => {
          clearTimeout(timer);
          socket.removeAllListeners('error');
          socket.pause();
          resolve(connectionOf(socket));
        });
      }),
  };
}

/** A connection that never came to be, so that whoever listens can say who called and what was wrong. */
function refused(socket: TLSSocket, error: Error): Connection {
  const remote = `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`;
  socket.destroy();
  return { remote, send: () => undefined, receive: (events) => events.closed(error), close: () => undefined };
}
