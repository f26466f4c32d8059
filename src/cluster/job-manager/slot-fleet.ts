import type { SqlError } from '../../base/index.ts';
import { Doorbell, type SlotSettings, type TaskId } from '../../runtime/index.ts';
import type { FromSlot, SlotLauncher, SlotLink, ToSlot } from '../transport/index.ts';

export interface SlotFleetOptions {
  readonly launcher: SlotLauncher;
  readonly slots: number;
  readonly incarnation: number;
  readonly channelBytes: number;
  readonly settings: SlotSettings;
  readonly message: (slot: number, message: FromSlot) => void;
  readonly lost: (slot: number, error: SqlError) => void;
}

/** The slots of the TaskManager. A slot that dies is started anew, empty. Subtask i of every vertex lives in slot i. */
export class SlotFleet {
  readonly #options: SlotFleetOptions;
  readonly #doorbells: readonly SharedArrayBuffer[];
  readonly #links: SlotLink[] = [];
  #open = true;

  constructor(options: SlotFleetOptions) {
    this.#options = options;
    this.#doorbells = Array.from({ length: options.slots }, () => Doorbell.memory());
    for (let slot = 0; slot < options.slots; slot++) this.#links.push(this.#launch(slot));
  }

  get count(): number {
    return this.#links.length;
  }

  send(slot: number, message: ToSlot): void {
    this.#links[slot]!.send(message);
  }

  broadcast(message: ToSlot): void {
    for (const link of this.#links) link.send(message);
  }

  /** One message a slot for entries that each concern one task. */
  sendGrouped<Entry extends { readonly task: TaskId }>(entries: readonly Entry[], message: (entries: readonly Entry[]) => ToSlot): void {
    for (let slot = 0; slot < this.#links.length; slot++) {
      const own = entries.filter((entry) => entry.task.subtask === slot);
      if (own.length > 0) this.send(slot, message(own));
    }
  }

  async close(): Promise<void> {
    this.#open = false;
    await Promise.all(this.#links.map((link) => link.close()));
  }

  #launch(slot: number): SlotLink {
    const { launcher, incarnation, channelBytes, settings, message, lost } = this.#options;
    return launcher.launch(
      { slot, incarnation, doorbells: this.#doorbells, channelBytes, settings },
      {
        message: (received) => message(slot, received),
        lost: (error) => {
          if (!this.#open) return;
          this.#links[slot] = this.#launch(slot);
          lost(slot, error);
        },
      },
    );
  }
}
