import { BELL_LINES, type BellLine, Doorbell } from '../../runtime/index.ts';
import type { SlotEvents, SlotLauncher, SlotLink, SlotRequest, TaskManagerHandle } from '../transport/index.ts';
import { ChannelRings, type RemoteRings } from './channel-rings.ts';

export interface TaskManagerOptions {
  readonly id: string;
  readonly slots: number;
  readonly launcher: SlotLauncher;
  /** Null: no slot has a channel to another process. */
  readonly remote: RemoteRings | null;
}

/** The slots of this process: launches them and joins their channels. The same in the JobManager's process and in one of its own. */
export class TaskManager implements TaskManagerHandle {
  readonly id: string;
  readonly address = null;
  readonly slots: number;
  readonly lastHeartbeatMicros = null;
  readonly #launcher: SlotLauncher;
  readonly #rings: ChannelRings;
  readonly #bells = new Map<number, SharedArrayBuffer>();
  #lines = 0;

  constructor(options: TaskManagerOptions) {
    this.id = options.id;
    this.slots = options.slots;
    this.#launcher = options.launcher;
    this.#rings = new ChannelRings({ host: options.id, lineOf: (slot) => this.#lineOf(slot), remote: options.remote });
  }

  launch(request: SlotRequest, events: SlotEvents): SlotLink {
    const link = this.#launcher.launch({ ...request, doorbell: this.#bellOf(request.slot) }, events);
    return { send: (message) => link.send(this.#rings.join(message)), close: () => link.close() };
  }

  /** A line of its own for an end of a channel, as long as there are some. */
  #lineOf(slot: number): BellLine {
    return { bell: this.#bellOf(slot), line: this.#lines++ % BELL_LINES };
  }

  #bellOf(slot: number): SharedArrayBuffer {
    let bell = this.#bells.get(slot);
    if (bell === undefined) {
      bell = Doorbell.memory();
      this.#bells.set(slot, bell);
    }
    return bell;
  }
}
