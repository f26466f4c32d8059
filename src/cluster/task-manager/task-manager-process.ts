import { type Clock, type Logger, type Network, type Random, type ServerAddress, SqlError, SqlState, toSqlError } from '../../base/index.ts';
import { type Claims, callPeer, type Identity, MessageLink, RpcServer, type Welcome } from '../rpc/index.ts';
import type { SlotLauncher } from '../transport/index.ts';
import { printAddress } from './address.ts';
import { Membership } from './membership.ts';

export interface TaskManagerProcessOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly identity: Identity;
  readonly jobManager: ServerAddress;
  /** Where other TaskManagers bring their channels. */
  readonly listen: ServerAddress;
  readonly slots: number;
  readonly launcher: SlotLauncher;
  readonly nextTurn: () => Promise<void>;
  /** It has registered, and has this id until it loses the JobManager. */
  readonly joined: (id: string) => void;
}

/** Between two attempts to register. */
const RETRY_MS = 1_000;

/**
 * A TaskManager in a process of its own: registers with the JobManager, does what that says, and registers anew, empty, when it has lost it. Ends by
 * itself only when trying again is of no use: the secret, the cluster or the build is another.
 */
export class TaskManagerProcess {
  readonly #options: TaskManagerProcessOptions;
  readonly #server: RpcServer;
  #address: ServerAddress | null = null;
  #membership: Membership | null = null;
  #closed = false;
  #wake: (() => void) | null = null;

  constructor(options: TaskManagerProcessOptions) {
    this.#options = options;
    const { network, clock, logger, identity } = options;
    this.#server = new RpcServer({
      network,
      clock,
      logger,
      identity,
      admit: (claims) => this.#admit(claims),
      accepted: (link, claims) => {
        if (claims.purpose === 'channels') this.#membership?.acceptChannels(claims.from, link);
      },
    });
  }

  /** Resolves when it has been closed. Rejects when it can never join. */
  async run(): Promise<void> {
    this.#address = await this.#server.listen(this.#options.listen);
    try {
      let reported = '';
      while (!this.#closed) {
        try {
          await this.#belong();
        } catch (error) {
          const problem = toSqlError(error);
          if (problem.class === 'user') throw problem;
          if (!this.#closed && problem.message !== reported) this.#options.logger.log('warn', 'without a JobManager', { problem });
          reported = problem.message;
        }
        if (!this.#closed) await this.#pause();
      }
    } finally {
      await this.#server.close();
    }
  }

  close(): void {
    this.#closed = true;
    this.#membership?.leave(new SqlError({ code: SqlState.adminShutdown, message: 'the TaskManager is shutting down', class: 'external' }));
    this.#wake?.();
  }

  /** One registration, to its end. */
  async #belong(): Promise<void> {
    const { network, clock, identity, jobManager, slots, logger, joined } = this.#options;
    const claims = { purpose: 'slots', slots, address: printAddress(this.#address!) } as const;
    const { link, welcome } = await callPeer(network, jobManager, { identity, claims }).catch((error: unknown) => {
      throw error instanceof SqlError ? error : unreachable(jobManager, error);
    });
    const { heartbeatMs, heartbeatTimeoutMs } = welcome;
    const membership = new Membership({
      ...this.#options,
      id: welcome.id,
      incarnation: welcome.incarnation,
      link: new MessageLink(link, { clock, heartbeatMs, heartbeatTimeoutMs, forgivesOwnSleep: false }),
    });
    this.#membership = membership;
    logger.log('info', 'registered with the JobManager', { id: welcome.id, address: printAddress(jobManager), slots });
    joined(welcome.id);
    try {
      if (this.#closed) this.close();
      await membership.ended;
    } finally {
      this.#membership = null;
    }
  }

  #admit(claims: Claims): Welcome {
    const membership = this.#membership;
    if (claims.purpose === 'channels' && membership?.id === claims.to && membership.incarnation === claims.incarnation)
      return { id: claims.from, incarnation: claims.incarnation, heartbeatMs: 0, heartbeatTimeoutMs: 0 };
    throw new SqlError({
      code: SqlState.objectNotInPrerequisiteState,
      message: claims.purpose === 'slots' ? 'a TaskManager takes no slots, the JobManager does' : `it looks for ${claims.to}, which is gone`,
    });
  }

  #pause(): Promise<void> {
    const { clock, random } = this.#options;
    return new Promise((resolve) => {
      const timer = clock.after(RETRY_MS * (0.5 + random.nextFloat()), resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}

function unreachable(address: ServerAddress, error: unknown): SqlError {
  return new SqlError({
    code: SqlState.connectionFailure,
    message: `no JobManager answers at ${printAddress(address)}`,
    detail: error instanceof Error ? error.message : String(error),
    hint: 'Start it with fsql serve --listen-tasks HOST:PORT.',
    class: 'external',
    cause: error,
  });
}
