import { type Clock, type Logger, type Network, type ServerAddress, SqlError, SqlState } from '../../base/index.ts';
import { callPeer, type FramedConnection, type Identity, type MessageLink } from '../rpc/index.ts';
import type { FromTaskManager, SlotLauncher, SlotLink, ToTaskManager } from '../transport/index.ts';
import { parseAddress } from './address.ts';
import { type BellWait, DataPlane } from './data-plane.ts';
import { TaskManager } from './task-manager.ts';

export interface MembershipOptions {
  readonly id: string;
  readonly incarnation: number;
  readonly link: MessageLink;
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly identity: Identity;
  readonly jobManager: ServerAddress;
  readonly slots: number;
  readonly launcher: SlotLauncher;
  readonly nextTurn: () => Promise<void>;
  readonly rung?: BellWait | undefined;
}

/** One registration of a TaskManager: its slots, their channels to others, and the connection all of it depends on. It ends with that, leaving nothing. */
export class Membership {
  readonly id: string;
  readonly incarnation: number;
  /** Rejects with the reason when it is over and every slot has ended. */
  readonly ended: Promise<never>;
  readonly #options: MembershipOptions;
  readonly #plane: DataPlane;
  readonly #taskManager: TaskManager;
  readonly #slots = new Map<number, SlotLink>();
  #peers = new Map<string, string | null>();

  constructor(options: MembershipOptions) {
    this.id = options.id;
    this.incarnation = options.incarnation;
    this.#options = options;
    this.#plane = new DataPlane({
      dial: (host) => this.#dial(host),
      lost: (channel, error) => this.#send({ kind: 'channelLost', channel, error: plainFields(error) }),
      nextTurn: options.nextTurn,
      rung: options.rung,
    });
    this.#taskManager = new TaskManager({ id: options.id, slots: options.slots, launcher: options.launcher, remote: this.#plane });
    this.ended = new Promise<never>((_, reject) => {
      options.link.start({
        message: (message) => this.#receive(message as ToTaskManager),
        closed: (error) => void this.#end().finally(() => reject(error)),
      });
    });
    this.#send({ kind: 'belongs' });
  }

  acceptChannels(from: string, link: FramedConnection): void {
    this.#plane.accept(from, link);
  }

  #receive(message: ToTaskManager): void {
    switch (message.kind) {
      case 'launch':
        this.#launch(message);
        break;
      case 'slot':
        this.#slots.get(message.link)?.send(message.message);
        break;
      case 'close': {
        const slot = this.#slots.get(message.link);
        this.#slots.delete(message.link);
        void slot?.close().then(() => this.#send({ kind: 'closed', link: message.link }));
        break;
      }
      case 'peers':
        this.#meet(new Map(message.peers.map(({ id, address }) => [id, address])));
        break;
      default:
        break;
    }
  }

  #launch({ link, request }: Extract<ToTaskManager, { kind: 'launch' }>): void {
    const slot = this.#taskManager.launch(request, {
      message: (message) => this.#send({ kind: 'slot', link, message }),
      lost: (error) => {
        this.#slots.delete(link);
        this.#send({ kind: 'lost', link, error: plainFields(error) });
      },
    });
    this.#slots.set(link, slot);
  }

  #meet(peers: Map<string, string | null>): void {
    const gone = [...this.#peers.keys()].filter((id) => !peers.has(id));
    this.#peers = peers;
    for (const id of gone) this.#plane.leave(id);
  }

  async #dial(host: string): Promise<FramedConnection> {
    const { network, jobManager, identity, clock } = this.#options;
    const address = this.#peers.get(host);
    if (address === undefined) throw new SqlError({ code: SqlState.connectionFailure, message: `TaskManager ${host} is gone`, class: 'external' });
    const claims = { purpose: 'channels', from: this.id, to: host, incarnation: this.incarnation } as const;
    return (await callPeer(network, address === null ? jobManager : parseAddress(address), { identity, claims, clock })).link;
  }

  #send(message: FromTaskManager): void {
    this.#options.link.send(message);
  }

  async #end(): Promise<void> {
    this.#plane.close();
    const slots = [...this.#slots.values()];
    this.#slots.clear();
    await Promise.all(slots.map((slot) => slot.close()));
  }
}

/** A cause may be anything; what it says is in the message already. */
function plainFields(error: SqlError): Omit<ReturnType<SqlError['fields']>, 'cause'> {
  const { cause: _, ...fields } = error.fields();
  return fields;
}
