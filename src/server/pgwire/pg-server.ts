import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Clock, type Logger, SqlError, SqlState, silentLogger } from '../../base/index.ts';
import { listenError, refuseOpenAddress } from '../listen-address.ts';
import { Connection, type ConnectionActivity } from './connection.ts';
import type { SessionFactory } from './session-contract.ts';

export interface PgServerOptions {
  /** A loopback address or name: nothing else is served while there is no authentication. */
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly sessions: SessionFactory;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Sessions at a time, default 100 as PostgreSQL's max_connections. */
  readonly connectionsMax?: number;
  /** Source of cancel keys; must not be guessable outside tests. */
  readonly secretBytes?: (count: number) => Uint8Array;
}

export interface PgServer {
  /** Resolves when connections are accepted. Rejects with a SqlError that says what to do: port in use, not allowed, address refused. */
  listen(): Promise<{ readonly host: string; readonly port: number }>;
  /** Serves one client over any byte stream: the in-process terminal speaks the same protocol as everybody else. */
  accept(stream: Duplex): Promise<void>;
  /** Live sessions, for pg_stat_activity. */
  activity(): ConnectionActivity[];
  /** Refuses new clients, tells the others 57P01, waits for them up to `graceMs`, then breaks what is left. */
  close(graceMs?: number): Promise<void>;
}

const CONNECTIONS_MAX = 100;
/** Sockets beyond the sessions that may be in their start-up (or be cancel requests) at a time. */
const STARTING_CONNECTIONS_MAX = 200;
const CLOSE_GRACE_MS = 5000;
const KEEP_ALIVE_MS = 60_000;

export function createPgServer(options: PgServerOptions): PgServer {
  return new Listener(options);
}

class Listener implements PgServer {
  readonly #options: PgServerOptions;
  readonly #connections = new Map<number, Connection>();
  readonly #admitted = new Set<Connection>();
  readonly #running = new Set<Promise<void>>();
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #lastProcessId = 0;
  #closing = false;

  constructor(options: PgServerOptions) {
    this.#options = options;
  }

  async listen(): Promise<{ host: string; port: number }> {
    const { host, port } = this.#options;
    refuseOpenAddress(host);
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#acceptSocket(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, { host, port, option: '--port' })));
      server.listen({ host, port }, resolve);
    });
    server.on('error', (error) => this.#logger.log('error', 'the listening socket failed', { cause: error.message }));
    this.#server = server;
    const address = server.address();
    return { host, port: address !== null && typeof address === 'object' ? address.port : port };
  }

  async accept(stream: Duplex): Promise<void> {
    const connection = this.#createConnection(stream);
    this.#connections.set(connection.processId, connection);
    const running = connection.run();
    this.#running.add(running);
    await running;
    this.#running.delete(running);
    this.#admitted.delete(connection);
    this.#connections.delete(connection.processId);
  }

  activity(): ConnectionActivity[] {
    return [...this.#admitted].map((connection) => connection.activity()).filter((activity) => activity !== null);
  }

  async close(graceMs = CLOSE_GRACE_MS): Promise<void> {
    this.#closing = true;
    const listening = this.#server;
    this.#server = null;
    const closed = listening === null ? Promise.resolve() : new Promise<void>((resolve) => listening.close(() => resolve()));
    const reason = new SqlError({ code: SqlState.adminShutdown, message: 'terminating connection due to administrator command' });
    for (const connection of this.#connections.values()) connection.terminate(reason);
    const breaker = this.#options.clock.after(graceMs, () => {
      for (const connection of this.#connections.values()) connection.destroy();
    });
    await Promise.all(this.#running);
    // Sockets whose FATAL error was sent wait for the client to close; it need not.
    for (const socket of this.#sockets) socket.destroySoon();
    breaker.cancel();
    await closed;
  }

  get #logger(): Logger {
    return this.#options.logger ?? silentLogger;
  }

  #acceptSocket(socket: Socket): void {
    const starting = this.#connections.size - this.#admitted.size;
    if (this.#closing || starting >= STARTING_CONNECTIONS_MAX) {
      socket.destroy();
      return;
    }
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    void this.accept(socket).then(() => this.#lingerThenBreak(socket));
  }

  /** Our side is closed; a client that never closes its own must not keep the socket. */
  #lingerThenBreak(socket: Socket): void {
    socket.resume();
    const timer = this.#options.clock.after(CLOSE_GRACE_MS, () => socket.destroy());
    socket.once('close', () => timer.cancel());
  }

  #createConnection(stream: Duplex): Connection {
    const { sessions, clock } = this.#options;
    const bytes = (this.#options.secretBytes ?? randomBytes)(4);
    return new Connection(stream, {
      sessions,
      clock,
      logger: this.#logger,
      processId: this.#nextProcessId(),
      secret: new DataView(bytes.buffer, bytes.byteOffset).getUint32(0),
      admit: (connection) => this.#admit(connection),
      cancel: (processId, secret) => this.#cancel(processId, secret),
    });
  }

  /** Positive, and free: some clients read it as a signed number. */
  #nextProcessId(): number {
    do {
      this.#lastProcessId = (this.#lastProcessId % 0x7fff_ffff) + 1;
    } while (this.#connections.has(this.#lastProcessId));
    return this.#lastProcessId;
  }

  #admit(connection: Connection): void {
    if (this.#closing) throw new SqlError({ code: SqlState.cannotConnectNow, message: 'the database system is shutting down' });
    if (this.#admitted.size >= (this.#options.connectionsMax ?? CONNECTIONS_MAX)) {
      throw new SqlError({ code: SqlState.tooManyConnections, message: 'sorry, too many clients already' });
    }
    this.#admitted.add(connection);
  }

  #cancel(processId: number, secret: number): void {
    const connection = this.#connections.get(processId);
    // A wrong key is answered with silence, as PostgreSQL does.
    if (connection === undefined || connection.secret !== secret) return;
    connection.cancelStatement(new SqlError({ code: SqlState.queryCanceled, message: 'canceling statement due to user request' }));
  }
}
