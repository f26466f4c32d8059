import { type Clock, type Logger, type Network, type ServerAddress, SqlError, SqlState } from '../../base/index.ts';
import type { TaskManagerPool } from '../job-manager/index.ts';
import { type Claims, callPeer, type FramedConnection, type Identity, MessageLink, RpcServer, type Welcome } from '../rpc/index.ts';
import { type BellWait, DataPlane, parseAddress, parseChannel, type RemoteRings } from '../task-manager/index.ts';
import { LOCAL_TASK_MANAGER, type ServedAt } from '../transport/index.ts';
import { FrontEndLinks } from './front-end-links.ts';
import { RemoteTaskManager } from './remote-task-manager.ts';

export interface TaskManagerRegistryOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly identity: Identity;
  /** Where TaskManagers of other processes register. */
  readonly listen: ServerAddress;
  /** Default 1,000 and 10,000, on the monotonic clock. */
  readonly heartbeatMs?: number | undefined;
  readonly heartbeatTimeoutMs?: number | undefined;
  readonly nextTurn: () => Promise<void>;
  /** See DataPlaneOptions. */
  readonly rung?: BellWait | undefined;
}

const HEARTBEAT_MS = 1_000;
const HEARTBEAT_TIMEOUT_MS = 10_000;

/**
 * The door of the JobManager: TaskManagers of other processes register here, and bring their channels to the slots of this process; front ends learn where it
 * serves clients.
 */
export class TaskManagerRegistry {
  readonly #options: TaskManagerRegistryOptions;
  readonly #server: RpcServer;
  readonly #plane: DataPlane;
  /** Welcomed, and not known to have heard it. */
  readonly #welcomed = new Set<RemoteTaskManager>();
  readonly #members = new Map<string, RemoteTaskManager>();
  readonly #frontEnds = new FrontEndLinks();
  #pool: TaskManagerPool | null = null;
  #incarnation = 0;
  #last = 0;

  constructor(options: TaskManagerRegistryOptions) {
    this.#options = options;
    const { network, clock, logger, identity, nextTurn, rung } = options;
    this.#plane = new DataPlane({
      dial: (host) => this.#dial(host),
      lost: (channel, error) => this.#pool?.channelLost(parseChannel(channel), error),
      nextTurn,
      rung,
    });
    this.#server = new RpcServer({
      network,
      clock,
      logger,
      identity,
      admit: (claims) => this.#admit(claims),
      accepted: (link, claims, welcome) => this.#accepted(link, claims, welcome),
    });
  }

  /** For the slots of this process. */
  get rings(): RemoteRings {
    return this.#plane;
  }

  async open(pool: TaskManagerPool, incarnation: number): Promise<void> {
    this.#pool = pool;
    this.#incarnation = incarnation;
    const { host, port } = await this.#server.listen(this.#options.listen);
    this.#options.logger.log('info', 'TaskManagers may register', { address: `${host}:${port}` });
  }

  /** It serves clients from now on. */
  announce(served: ServedAt): void {
    this.#frontEnds.announce(served);
  }

  async close(): Promise<void> {
    const reason = new SqlError({ code: SqlState.adminShutdown, message: 'the JobManager is shutting down', class: 'external' });
    for (const member of [...this.#welcomed, ...this.#members.values()]) member.disconnect(reason);
    this.#plane.close();
    await this.#server.close();
  }

  #admit(claims: Claims): Welcome {
    const { heartbeatMs = HEARTBEAT_MS, heartbeatTimeoutMs = HEARTBEAT_TIMEOUT_MS } = this.#options;
    const welcome = { incarnation: this.#incarnation, heartbeatMs, heartbeatTimeoutMs };
    if (claims.purpose === 'slots') return { ...welcome, id: `tm-${++this.#last}` };
    if (claims.purpose === 'sessions') return { ...welcome, id: `front-end-${++this.#last}` };
    if (claims.to === LOCAL_TASK_MANAGER && claims.incarnation === this.#incarnation && this.#members.has(claims.from))
      return { ...welcome, id: claims.from };
    throw new SqlError({ code: SqlState.objectNotInPrerequisiteState, message: `TaskManager ${claims.from} is not one of this cluster any more` });
  }

  #accepted(link: FramedConnection, claims: Claims, { id, heartbeatMs, heartbeatTimeoutMs }: Welcome): void {
    if (claims.purpose === 'channels') {
      this.#plane.accept(claims.from, link);
      return;
    }
    const { clock } = this.#options;
    const messages = new MessageLink(link, { clock, heartbeatMs, heartbeatTimeoutMs, forgivesOwnSleep: true });
    if (claims.purpose === 'sessions') {
      this.#frontEnds.add(messages);
      return;
    }
    const member: RemoteTaskManager = new RemoteTaskManager({
      id,
      address: claims.address,
      slots: claims.slots,
      link: messages,
      belongs: () => this.#joined(member),
      channelLost: (channel, error) => this.#pool?.channelLost(parseChannel(channel), error),
      left: (error) => this.#left(member, error),
    });
    this.#welcomed.add(member);
    member.start();
  }

  #joined(member: RemoteTaskManager): void {
    this.#welcomed.delete(member);
    this.#members.set(member.id, member);
    this.#tellPeers();
    if (this.#members.has(member.id)) this.#pool?.join(member);
  }

  #left(member: RemoteTaskManager, error: SqlError): void {
    this.#welcomed.delete(member);
    if (!this.#members.delete(member.id)) return;
    this.#plane.leave(member.id);
    this.#tellPeers();
    this.#pool?.leave(member, error);
  }

  #tellPeers(): void {
    const remote = [...this.#members.values()].map(({ id, address }) => ({ id, address }));
    for (const member of this.#members.values()) member.send({ kind: 'peers', peers: [{ id: LOCAL_TASK_MANAGER, address: null }, ...remote] });
  }

  async #dial(host: string): Promise<FramedConnection> {
    const { network, identity, clock } = this.#options;
    const member = this.#members.get(host);
    if (member === undefined) throw new SqlError({ code: SqlState.connectionFailure, message: `TaskManager ${host} is gone`, class: 'external' });
    const claims = { purpose: 'channels', from: LOCAL_TASK_MANAGER, to: host, incarnation: this.#incarnation } as const;
    return (await callPeer(network, parseAddress(member.address), { identity, claims, clock })).link;
  }
}
