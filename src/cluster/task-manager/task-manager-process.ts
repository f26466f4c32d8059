import { type ServerAddress, SqlError, SqlState } from '../../base/index.ts';
import { type Claims, LeaderSearch, type LeaderSearchOptions, type Member, RpcServer, type Welcome } from '../rpc/index.ts';
import type { SlotLauncher } from '../transport/index.ts';
import { printAddress } from './address.ts';
import type { BellWait } from './data-plane.ts';
import { Membership } from './membership.ts';

export interface TaskManagerProcessOptions extends LeaderSearchOptions {
  /** Where other TaskManagers bring their channels. */
  readonly listen: ServerAddress;
  readonly slots: number;
  readonly launcher: SlotLauncher;
  readonly nextTurn: () => Promise<void>;
  /** See DataPlaneOptions. */
  readonly rung?: BellWait | undefined;
  /** It has registered, and has this id until it loses the JobManager. */
  readonly joined: (id: string, jobManager: ServerAddress) => void;
}

/**
 * A TaskManager in a process of its own: registers with the JobManager that leads, does what that says, and registers anew, empty, when it has lost it or
 * when another one leads. Ends by itself only when trying again is of no use: the secret, the cluster or the build is another.
 */
export class TaskManagerProcess {
  readonly #options: TaskManagerProcessOptions;
  readonly #server: RpcServer;
  readonly #search: LeaderSearch;
  #address: ServerAddress | null = null;
  #membership: Membership | null = null;

  constructor(options: TaskManagerProcessOptions) {
    this.#options = options;
    const { network, clock, logger, identity, slots } = options;
    this.#search = new LeaderSearch(options, () => ({ purpose: 'slots', slots, address: printAddress(this.#address!) }));
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
      await this.#search.run((member) => this.#belong(member));
    } finally {
      await this.#server.close();
    }
  }

  close(): void {
    this.#search.close();
  }

  /** One registration, to its end. */
  async #belong({ jobManager, welcome, messages }: Member): Promise<void> {
    const { id, incarnation } = welcome;
    const { logger, joined, slots } = this.#options;
    const membership = new Membership({ ...this.#options, jobManager, id, incarnation, link: messages });
    this.#membership = membership;
    logger.log('info', 'registered with the JobManager', { id, address: printAddress(jobManager), slots });
    joined(id, jobManager);
    try {
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
      message: claims.purpose === 'channels' ? `it looks for ${claims.to}, which is gone` : 'this is a TaskManager, and it looks for the JobManager',
    });
  }
}
