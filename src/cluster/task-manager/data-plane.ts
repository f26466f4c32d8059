import { SqlError, SqlState } from '../../base/index.ts';
import { type BellLine, BellPull, type ChannelDescription, type ChannelRing, Doorbell, Ring, ringMemory } from '../../runtime/index.ts';
import type { FramedConnection } from '../rpc/index.ts';
import type { RemoteRings } from './channel-rings.ts';
import { InboundChannels } from './inbound-channels.ts';
import { OutboundLink } from './outbound-link.ts';

export interface DataPlaneOptions {
  /** A connection for channels to the TaskManager with this id. */
  readonly dial: (host: string) => Promise<FramedConnection>;
  /** A channel broke; its job cannot go on. */
  readonly lost: (channel: string, error: SqlError) => void;
  /** The event loop's next turn: messages, sockets and timers run before it resolves. */
  readonly nextTurn: () => Promise<void>;
  /** Default: the bell's own waiting, which real time ends. */
  readonly rung?: BellWait | undefined;
}

/** Resolves when the bell has been rung since `seen`, or after `timeoutMs`. */
export type BellWait = (bell: Doorbell, seen: number, timeoutMs: number) => Promise<void>;

/** Without a bell the rings are looked at this often. */
const SLEEP_MS_MAX = 500;

/**
 * Carries rings between processes. A slot writes into a ring of its process as if the receiver were there; from here the bytes go over a connection into a
 * ring of the receiver's process. The receiver grants room (bytes), so what is under way is never more than the rings hold, and a frame larger than a ring
 * goes over in parts.
 */
export class DataPlane implements RemoteRings {
  readonly #options: DataPlaneOptions;
  readonly #bellMemory = Doorbell.memory();
  readonly #bell = new Doorbell(this.#bellMemory);
  /** All rings are looked at whichever of them rang. */
  readonly #line: BellLine = { bell: this.#bellMemory, line: 0 };
  readonly #outbound = new Map<string, OutboundLink>();
  readonly #inbound: InboundChannels;
  /** TaskManagers that are gone; their ids are not given again. */
  readonly #gone = new Set<string>();
  #running = false;
  #open = true;

  constructor(options: DataPlaneOptions) {
    this.#options = options;
    this.#inbound = new InboundChannels({ wake: () => this.#bell.ring(), lost: (channels, error) => this.#lost(channels, error) });
  }

  outbound(channel: ChannelDescription, sender: BellLine): ChannelRing {
    const memory = ringMemory(channel.ringBytes);
    const host = channel.receiverHost;
    let link = this.#outbound.get(host);
    if (link === undefined || link.ended) {
      link = new OutboundLink({
        dial: () => this.#options.dial(host),
        wake: () => this.#bell.ring(),
        lost: (channels, error) => this.#lost(channels, error),
      });
      this.#outbound.set(host, link);
    }
    link.open({ id: channel.id, ring: new Ring(memory), sender: new BellPull(sender) });
    this.#run();
    return { memory, sender, receiver: this.#line };
  }

  inbound(channel: ChannelDescription, receiver: BellLine): ChannelRing {
    const memory = ringMemory(channel.ringBytes);
    this.#inbound.add(channel.id, new Ring(memory), new BellPull(receiver));
    this.#run();
    return { memory, sender: this.#line, receiver };
  }

  forget(prefix: string): void {
    for (const link of this.#outbound.values()) link.forget(prefix);
    this.#inbound.forget(prefix);
  }

  /** TaskManager `from` brings channels. */
  accept(from: string, connection: FramedConnection): void {
    if (this.#gone.has(from) || !this.#open) connection.close(gone(from));
    else this.#inbound.accept(from, connection);
  }

  /** The TaskManager counts as lost: nothing of it is taken any more, whether it lives or not. */
  leave(host: string): void {
    this.#gone.add(host);
    this.#outbound.get(host)?.close(gone(host));
    this.#outbound.delete(host);
    this.#inbound.closeFrom((from) => from === host, gone(host));
  }

  close(): void {
    this.#open = false;
    const reason = new SqlError({ code: SqlState.adminShutdown, message: 'the TaskManager has left', class: 'external' });
    for (const link of this.#outbound.values()) link.close(reason);
    this.#inbound.closeFrom(() => true, reason);
    this.#bell.ring();
  }

  #lost(channels: readonly string[], error: SqlError): void {
    if (this.#open) for (const channel of channels) this.#options.lost(channel, error);
  }

  #run(): void {
    if (this.#running) {
      this.#bell.ring();
      return;
    }
    this.#running = true;
    void this.#loop();
  }

  async #loop(): Promise<void> {
    while (this.#open) {
      if (this.#round()) {
        await this.#options.nextTurn();
        continue;
      }
      const seen = this.#bell.rings();
      this.#bell.announceSleep(true);
      if (this.#round()) await this.#options.nextTurn();
      else await this.#rung(seen);
      this.#bell.announceSleep(false);
    }
  }

  #rung(seen: number): Promise<void> {
    const { rung } = this.#options;
    return rung === undefined ? this.#bell.wait(seen, SLEEP_MS_MAX) : rung(this.#bell, seen, SLEEP_MS_MAX);
  }

  #round(): boolean {
    let progressed = this.#inbound.grant();
    for (const link of this.#outbound.values()) progressed = link.pump() || progressed;
    return progressed;
  }
}

function gone(host: string): SqlError {
  return new SqlError({ code: SqlState.connectionFailure, message: `TaskManager ${host} is gone`, class: 'external' });
}
