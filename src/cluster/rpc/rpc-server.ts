import {
  type Clock,
  type Connection,
  type Logger,
  type Network,
  type NetworkListener,
  type ServerAddress,
  SqlError,
  SqlState,
  toSqlError,
} from '../../base/index.ts';
import { FramedConnection, STRANGER_BYTES_MAX } from './framed-connection.ts';
import { type Claims, type Identity, receiveCaller, type Welcome } from './handshake.ts';

/** Who does not say who it is by then is sent away. */
const HANDSHAKE_MS_MAX = 10_000;
/** Connections that have not said yet who they are. */
const STRANGERS_MAX = 64;

export interface RpcServerOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly identity: Identity;
  /** Decides on a caller that knows the secret; what it throws is told to the caller. */
  readonly admit: (claims: Claims) => Welcome;
  readonly accepted: (link: FramedConnection, claims: Claims, welcome: Welcome) => void;
}

/** Listens for other processes of the cluster. A caller that is none of them is sent away with the reason, and disturbs nobody. */
export class RpcServer {
  readonly #options: RpcServerOptions;
  readonly #links = new Set<FramedConnection>();
  #strangers = 0;
  #listener: NetworkListener | null = null;

  constructor(options: RpcServerOptions) {
    this.#options = options;
  }

  async listen(address: ServerAddress): Promise<ServerAddress> {
    this.#listener = await this.#options.network.listen(address, (connection) => void this.#accept(connection));
    return this.#listener.address;
  }

  async close(): Promise<void> {
    const reason = new SqlError({ code: SqlState.adminShutdown, message: 'the process is shutting down' });
    for (const link of this.#links) link.close(reason);
    await this.#listener?.close();
  }

  async #accept(connection: Connection): Promise<void> {
    const { logger, identity, clock, admit, accepted } = this.#options;
    if (this.#strangers >= STRANGERS_MAX) {
      connection.close();
      return;
    }
    this.#strangers++;
    const link = new FramedConnection(connection, STRANGER_BYTES_MAX);
    for (const other of this.#links) if (other.ended) this.#links.delete(other);
    this.#links.add(link);
    const timer = clock.after(HANDSHAKE_MS_MAX, () => link.close(tooSlow(link.remote)));
    try {
      const { claims, welcome } = await receiveCaller(link, identity, admit);
      accepted(link, claims, welcome);
    } catch (error) {
      logger.log('warn', 'a process was refused', { remote: link.remote, error });
      link.close(toSqlError(error));
    } finally {
      timer.cancel();
      this.#strangers--;
    }
  }
}

function tooSlow(remote: string): SqlError {
  const message = `${remote} did not say who it is within ${HANDSHAKE_MS_MAX} ms`;
  return new SqlError({ code: SqlState.connectionFailure, message, class: 'external' });
}
