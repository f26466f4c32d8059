import { type Clock, type Logger, type Network, type Random, type ServerAddress, SqlError, SqlState, toSqlError } from '../../base/index.ts';
import { type Claims, callPeer, type FramedConnection, type Identity, MessageLink, RpcServer, type Welcome } from '../rpc/index.ts';
import type { SlotLauncher } from '../transport/index.ts';
import { printAddress } from './address.ts';
import { Membership } from './membership.ts';

export interface TaskManagerProcessOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly identity: Identity;
  /** Where the JobManager and its standbys listen; one of them leads. */
  readonly jobManagers: readonly ServerAddress[];
  /** Where other TaskManagers bring their channels. */
  readonly listen: ServerAddress;
  readonly slots: number;
  readonly launcher: SlotLauncher;
  readonly nextTurn: () => Promise<void>;
  /** It has registered, and has this id until it loses the JobManager. */
  readonly joined: (id: string, jobManager: ServerAddress) => void;
}

/** Between two attempts to register. */
const RETRY_MS = 500;
/** A JobManager that has missed so many heartbeats may have been replaced. */
const MISSED_HEARTBEATS = 2;

/** A registration that has been accepted. */
interface Joined {
  readonly jobManager: ServerAddress;
  readonly link: FramedConnection;
  readonly welcome: Welcome;
}

/**
 * A TaskManager in a process of its own: registers with the JobManager that leads, does what that says, and registers anew, empty, when it has lost it or
 * when another one leads. Ends by itself only when trying again is of no use: the secret, the cluster or the build is another.
 *
 * Law: it never goes back to a JobManager of an earlier incarnation than one it has known.
 */
export class TaskManagerProcess {
  readonly #options: TaskManagerProcessOptions;
  readonly #server: RpcServer;
  #address: ServerAddress | null = null;
  #membership: Membership | null = null;
  #closed = false;
  #wake: (() => void) | null = null;
  #incarnation = 0;
  /** The next JobManager to be tried. */
  #turn = 0;
  /** A JobManager that leads instead of the one it belongs to. */
  #successor: Joined | null = null;
  #looking = false;

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
        if (!this.#closed && this.#successor === null) await this.#pause();
      }
    } finally {
      await this.#server.close();
    }
  }

  close(): void {
    this.#closed = true;
    this.#takeSuccessor()?.link.close(shuttingDown());
    this.#membership?.leave(shuttingDown());
    this.#wake?.();
  }

  /** One registration, to its end. */
  async #belong(): Promise<void> {
    const { clock, slots, logger, joined, jobManagers } = this.#options;
    const { jobManager, link, welcome } = this.#takeSuccessor() ?? (await this.#register(jobManagers[this.#turn++ % jobManagers.length]!));
    const { heartbeatMs, heartbeatTimeoutMs } = welcome;
    this.#incarnation = welcome.incarnation;
    const messages = new MessageLink(link, { clock, heartbeatMs, heartbeatTimeoutMs, forgivesOwnSleep: false });
    const membership = new Membership({ ...this.#options, jobManager, id: welcome.id, incarnation: welcome.incarnation, link: messages });
    this.#membership = membership;
    logger.log('info', 'registered with the JobManager', { id: welcome.id, address: printAddress(jobManager), slots });
    joined(welcome.id, jobManager);
    const watching = clock.every(heartbeatMs, () => void this.#watch(membership, { jobManager, messages, heartbeatMs }));
    try {
      if (this.#closed) this.close();
      await membership.ended;
    } finally {
      watching.cancel();
      this.#membership = null;
    }
  }

  /** Errors: 55000 where a JobManager answers that has been replaced, 08006 where none does; of class `user` where the process can never join. */
  async #register(jobManager: ServerAddress): Promise<Joined> {
    const { network, identity, slots, clock } = this.#options;
    const claims = { purpose: 'slots', slots, address: printAddress(this.#address!) } as const;
    const { link, welcome } = await callPeer(network, jobManager, { identity, claims, clock }).catch((error: unknown) => {
      throw error instanceof SqlError ? error : unreachable(jobManager, error);
    });
    if (welcome.incarnation >= this.#incarnation) return { jobManager, link, welcome };
    const error = replaced(jobManager, welcome.incarnation);
    link.close(error);
    throw error;
  }

  /** While the JobManager is silent: whether another one leads. */
  async #watch(membership: Membership, own: { jobManager: ServerAddress; messages: MessageLink; heartbeatMs: number }): Promise<void> {
    if (this.#looking || own.messages.silentMs < MISSED_HEARTBEATS * own.heartbeatMs) return;
    this.#looking = true;
    for (const other of this.#options.jobManagers) {
      if (other === own.jobManager || this.#membership !== membership) continue;
      const found = await this.#register(other).catch(() => null);
      if (found === null) continue;
      const reason = replaced(own.jobManager, membership.incarnation);
      if (found.welcome.incarnation <= membership.incarnation || this.#membership !== membership) found.link.close(reason);
      else {
        this.#successor = found;
        membership.leave(reason);
      }
    }
    this.#looking = false;
  }

  #takeSuccessor(): Joined | null {
    const successor = this.#successor;
    this.#successor = null;
    return successor === null || successor.link.ended ? null : successor;
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

function shuttingDown(): SqlError {
  return new SqlError({ code: SqlState.adminShutdown, message: 'the TaskManager is shutting down', class: 'external' });
}

function replaced(address: ServerAddress, incarnation: number): SqlError {
  return new SqlError({
    code: SqlState.objectNotInPrerequisiteState,
    message: `the JobManager at ${printAddress(address)} has been replaced: its incarnation is ${incarnation}`,
    class: 'external',
  });
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
