import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Clock, ServerAddress } from '../../base/index.ts';
import { listenError, refuseOpenAddress } from '../listen-address.ts';
import type { RelayedProtocol } from './relayed-protocol.ts';

export interface RelayOptions {
  readonly address: ServerAddress;
  readonly protocol: RelayedProtocol;
  readonly clock: Clock;
}

/** How long a new client waits for somebody to lead: longer than a standby takes. */
const LEADER_MS_MAX = 10_000;
/** The JobManager has a limit of its own for sessions. */
const CLIENTS_MAX = 1_000;

interface Pair {
  readonly leader: ServerAddress;
  readonly upstream: Socket;
}

/** Takes clients at one port to where the JobManager that leads listens. */
export class Relay {
  readonly #options: RelayOptions;
  readonly #clients = new Set<Socket>();
  readonly #pairs = new Set<Pair>();
  readonly #waiting = new Set<() => void>();
  #leader: ServerAddress | null = null;
  #server: Server | null = null;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** Resolves to the port. Rejects with a SqlError that says what to do. */
  async listen(): Promise<number> {
    const { host, port } = this.#options.address;
    refuseOpenAddress(host);
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => void this.#serve(client));
    server.maxConnections = CLIENTS_MAX;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, { host, port, option: this.#options.protocol.option })));
      server.listen({ host, port }, resolve);
    });
    this.#server = server;
    const address = server.address();
    return address !== null && typeof address === 'object' ? address.port : port;
  }

  /** Somebody else leads, or nobody does: connections with others end. */
  lead(leader: ServerAddress | null): void {
    this.#leader = leader;
    for (const pair of this.#pairs) if (leader === null || !sameAddress(pair.leader, leader)) pair.upstream.destroy();
    for (const wake of this.#waiting) wake();
  }

  async close(): Promise<void> {
    const server = this.#server;
    const closed = server === null ? Promise.resolve() : new Promise<void>((resolve) => server.close(() => resolve()));
    this.lead(null);
    for (const client of this.#clients) client.destroySoon();
    await closed;
  }

  async #serve(client: Socket): Promise<void> {
    const { protocol } = this.#options;
    this.#clients.add(client);
    client.on('error', () => client.destroy());
    client.once('close', () => this.#clients.delete(client));
    const opening = await protocol.opening(client);
    if (opening === null) {
      client.destroy();
      return;
    }
    const leader = await this.#whoLeads(client);
    const upstream = leader === null ? null : await connected(leader);
    if (client.destroyed) upstream?.destroy();
    else if (leader === null || upstream === null) client.end(protocol.refusal());
    else this.#join(client, { leader, upstream }, opening);
  }

  #join(client: Socket, pair: Pair, opening: Uint8Array): void {
    const { upstream } = pair;
    const follower = this.#options.protocol.follow();
    this.#pairs.add(pair);
    upstream.write(opening);
    client.pipe(upstream);
    upstream.on('data', (bytes: Buffer) => {
      follower.take(bytes);
      if (!client.write(bytes)) upstream.pause();
    });
    client.on('drain', () => upstream.resume());
    client.once('close', () => upstream.destroy());
    upstream.on('error', () => upstream.destroy());
    const end = (): void => {
      if (!this.#pairs.delete(pair)) return;
      const farewell = client.readableEnded ? null : follower.farewell();
      if (farewell === null) client.end();
      else client.end(farewell);
      client.resume();
    };
    upstream.once('end', end);
    upstream.once('close', end);
    // It may have changed on the way.
    if (this.#leader === null || !sameAddress(pair.leader, this.#leader)) upstream.destroy();
  }

  #whoLeads(client: Socket): Promise<ServerAddress | null> {
    if (this.#leader !== null) return Promise.resolve(this.#leader);
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        this.#waiting.delete(look);
        client.off('close', done);
        resolve(this.#leader);
      };
      const look = (): void => {
        if (this.#leader !== null) done();
      };
      const timer = this.#options.clock.after(LEADER_MS_MAX, done);
      client.once('close', done);
      this.#waiting.add(look);
    });
  }
}

function sameAddress(left: ServerAddress, right: ServerAddress): boolean {
  return left.host === right.host && left.port === right.port;
}

function connected({ host, port }: ServerAddress): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true });
    socket.once('error', () => resolve(null));
    socket.once('connect', () => resolve(socket));
  });
}
