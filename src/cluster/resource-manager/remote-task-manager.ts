import { SqlError } from '../../base/index.ts';
import type { MessageLink } from '../rpc/index.ts';
import type { FromTaskManager, SlotEvents, SlotLink, SlotRequest, TaskManagerHandle, ToTaskManager } from '../transport/index.ts';

export interface RemoteTaskManagerOptions {
  readonly id: string;
  readonly address: string;
  readonly slots: number;
  readonly link: MessageLink;
  /** It knows that it belongs to the cluster: who calls it from now on is let in. */
  readonly belongs: () => void;
  readonly channelLost: (channel: string, error: SqlError) => void;
  /** Its connection is gone, whether it has belonged or not. */
  readonly left: (error: SqlError) => void;
}

interface LaunchedSlot {
  readonly events: SlotEvents;
  readonly closed: () => void;
}

/** A TaskManager of another process, for as long as its connection lasts. When that ends, so does everything in it. */
export class RemoteTaskManager implements TaskManagerHandle {
  readonly id: string;
  readonly address: string;
  readonly slots: number;
  readonly #options: RemoteTaskManagerOptions;
  readonly #launched = new Map<number, LaunchedSlot>();
  #last = 0;
  #gone = false;

  constructor(options: RemoteTaskManagerOptions) {
    this.id = options.id;
    this.address = options.address;
    this.slots = options.slots;
    this.#options = options;
  }

  get lastHeartbeatMicros(): bigint {
    return this.#options.link.heardMicros;
  }

  start(): void {
    this.#options.link.start({
      message: (message) => this.#receive(message as FromTaskManager),
      closed: (error) => {
        this.#gone = true;
        for (const { closed } of this.#launched.values()) closed();
        this.#launched.clear();
        this.#options.left(error);
      },
    });
  }

  send(message: ToTaskManager): void {
    if (!this.#gone) this.#options.link.send(message);
  }

  disconnect(reason: SqlError): void {
    this.#options.link.close(reason);
  }

  launch(request: SlotRequest, events: SlotEvents): SlotLink {
    const link = ++this.#last;
    let closed = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      closed = resolve;
    });
    this.#launched.set(link, { events, closed });
    this.send({ kind: 'launch', link, request });
    return {
      send: (message) => {
        if (this.#launched.has(link)) this.send({ kind: 'slot', link, message });
      },
      close: async () => {
        if (!this.#launched.has(link)) return;
        this.send({ kind: 'close', link });
        await ended;
      },
    };
  }

  #receive(message: FromTaskManager): void {
    if (message.kind === 'belongs') {
      this.#options.belongs();
      return;
    }
    if (message.kind === 'channelLost') {
      this.#options.channelLost(message.channel, new SqlError(message.error));
      return;
    }
    const slot = this.#launched.get(message.link);
    if (slot === undefined) return;
    if (message.kind === 'slot') {
      slot.events.message(message.message);
      return;
    }
    this.#launched.delete(message.link);
    slot.closed();
    if (message.kind === 'lost') slot.events.lost(new SqlError(message.error));
  }
}
