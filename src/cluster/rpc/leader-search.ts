import { type Clock, type Logger, type Network, type Random, type ServerAddress, SqlError, SqlState, toSqlError } from '../../base/index.ts';
import type { FramedConnection } from './framed-connection.ts';
import { type Claims, callPeer, type Identity, type Welcome } from './handshake.ts';
import { MessageLink } from './message-link.ts';

export interface LeaderSearchOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly identity: Identity;
  /** Where the JobManager and its standbys listen; one of them leads. */
  readonly jobManagers: readonly ServerAddress[];
}

/** One time with a JobManager. */
export interface Member {
  readonly jobManager: ServerAddress;
  readonly welcome: Welcome;
  readonly messages: MessageLink;
}

interface Accepted {
  readonly jobManager: ServerAddress;
  readonly link: FramedConnection;
  readonly welcome: Welcome;
}

/** Between two attempts. */
const RETRY_MS = 500;
/** A JobManager that has missed so many heartbeats may have been replaced. */
const MISSED_HEARTBEATS = 2;

/**
 * Keeps a process with the JobManager that leads: tries their addresses in turn, and leaves one that is silent as soon as another one leads.
 *
 * Law: it never goes back to a JobManager of an earlier incarnation than one it has known.
 */
export class LeaderSearch {
  readonly #options: LeaderSearchOptions;
  readonly #claims: () => Claims;
  #current: MessageLink | null = null;
  #successor: Accepted | null = null;
  #incarnation = 0;
  /** The next address to be tried. */
  #turn = 0;
  #looking = false;
  #closed = false;
  #wake: (() => void) | null = null;

  constructor(options: LeaderSearchOptions, claims: () => Claims) {
    this.#options = options;
    this.#claims = claims;
  }

  /**
   * `belong` lasts as long as its membership and rejects with the reason of its end; then the search goes on. Resolves when it has been closed. Rejects when
   * the process can never join: the secret, the cluster or the build is another.
   */
  async run(belong: (member: Member) => Promise<void>): Promise<void> {
    let reported = '';
    while (!this.#closed) {
      try {
        await this.#belong(belong);
      } catch (error) {
        const problem = toSqlError(error);
        if (problem.class === 'user') throw problem;
        if (!this.#closed && problem.message !== reported) this.#options.logger.log('warn', 'without a JobManager', { problem });
        reported = problem.message;
      }
      if (!this.#closed && this.#successor === null) await this.#pause();
    }
  }

  close(): void {
    this.#closed = true;
    const reason = new SqlError({ code: SqlState.adminShutdown, message: 'the process is shutting down', class: 'external' });
    this.#successor?.link.close(reason);
    this.#current?.close(reason);
    this.#wake?.();
  }

  async #belong(belong: (member: Member) => Promise<void>): Promise<void> {
    const { clock, jobManagers } = this.#options;
    const { jobManager, link, welcome } = this.#takeSuccessor() ?? (await this.#register(jobManagers[this.#turn++ % jobManagers.length]!));
    const { heartbeatMs, heartbeatTimeoutMs } = welcome;
    this.#incarnation = welcome.incarnation;
    const messages = new MessageLink(link, { clock, heartbeatMs, heartbeatTimeoutMs, forgivesOwnSleep: false });
    this.#current = messages;
    const member = { jobManager, welcome, messages };
    const watching = clock.every(heartbeatMs, () => void this.#watch(member));
    try {
      if (this.#closed) this.close();
      await belong(member);
    } finally {
      watching.cancel();
      this.#current = null;
    }
  }

  /** Errors: 55000 where a JobManager answers that has been replaced, 08006 where none does; of class `user` where trying again is of no use. */
  async #register(jobManager: ServerAddress): Promise<Accepted> {
    const { network, identity, clock } = this.#options;
    const { link, welcome } = await callPeer(network, jobManager, { identity, claims: this.#claims(), clock }).catch((error: unknown) => {
      const problem = toSqlError(error);
      throw problem.code === SqlState.connectionFailure
        ? problem.with({ hint: 'Is a JobManager there? Start it with fsql serve --listen-tasks HOST:PORT.' })
        : problem;
    });
    if (welcome.incarnation >= this.#incarnation) return { jobManager, link, welcome };
    const error = replaced(jobManager, welcome.incarnation);
    link.close(error);
    throw error;
  }

  /** While the JobManager is silent: whether another one leads. */
  async #watch({ jobManager, messages, welcome }: Member): Promise<void> {
    if (this.#looking || messages.silentMs < MISSED_HEARTBEATS * welcome.heartbeatMs) return;
    this.#looking = true;
    for (const other of this.#options.jobManagers) {
      if (other === jobManager || this.#current !== messages) continue;
      const found = await this.#register(other).catch(() => null);
      if (found === null) continue;
      const reason = replaced(jobManager, welcome.incarnation);
      if (found.welcome.incarnation <= welcome.incarnation || this.#current !== messages) found.link.close(reason);
      else {
        this.#successor = found;
        messages.close(reason);
      }
    }
    this.#looking = false;
  }

  #takeSuccessor(): Accepted | null {
    const successor = this.#successor;
    this.#successor = null;
    return successor === null || successor.link.ended ? null : successor;
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

function replaced({ host, port }: ServerAddress, incarnation: number): SqlError {
  return new SqlError({
    code: SqlState.objectNotInPrerequisiteState,
    message: `the JobManager at ${host}:${port} has been replaced: its incarnation is ${incarnation}`,
    class: 'external',
  });
}
