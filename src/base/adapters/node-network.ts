import { connect, createServer, type Server, type Socket } from 'node:net';
import type { ServerAddress } from '../directory-lock.ts';
import type { Connection, ConnectionEvents, Network, NetworkListener } from '../network.ts';

/** How long a closed connection may take to deliver what was sent. */
const CLOSE_MS_MAX = 1_000;
/** A machine that is switched off does not say no. */
export const CONNECT_MS_MAX = 10_000;

/** TCP of this machine. */
export const nodeNetwork: Network = {
  listen: (address, accept) => {
    const server = createServer({ noDelay: true, pauseOnConnect: true });
    server.on('connection', (socket) => accept(connectionOf(socket)));
    return listening(server, address);
  },
  connect: ({ host, port }: ServerAddress) =>
    new Promise<Connection>((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true });
      const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${CONNECT_MS_MAX} ms`)), CONNECT_MS_MAX);
      socket.once('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.removeAllListeners('error');
        socket.pause();
        resolve(connectionOf(socket));
      });
    }),
};

/** Lets a server listen; it ends with all of its connections. */
export function listening(server: Server, address: ServerAddress): Promise<NetworkListener> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return new Promise<NetworkListener>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      server.off('error', reject);
      const bound = server.address();
      const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
      const close = (): Promise<void> =>
        new Promise((done) => {
          server.close(() => done());
          for (const socket of sockets) socket.destroy();
        });
      resolve({ address: { host: address.host, port }, close });
    });
  });
}

export function connectionOf(socket: Socket): Connection {
  let failure: Error | null = null;
  socket.on('error', (error) => {
    failure = error;
  });
  return {
    remote: `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`,
    send: (bytes) => {
      if (socket.writable) socket.write(bytes);
    },
    receive: (events: ConnectionEvents) => {
      socket.on('data', (bytes: Buffer) => events.data(bytes));
      socket.once('close', () => events.closed(failure));
      if (socket.destroyed) events.closed(failure);
      else socket.resume();
    },
    close: () => {
      if (socket.destroyed) return;
      socket.end();
      const timer = setTimeout(() => socket.destroy(), CLOSE_MS_MAX);
      socket.once('close', () => clearTimeout(timer));
    },
  };
}
