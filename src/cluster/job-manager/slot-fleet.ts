import { SqlError, type SqlErrorFields, SqlState } from '../../base/index.ts';
import type { SlotSettings, TaskId } from '../../runtime/index.ts';
import type { FromSlot, SlotLink, TaskManagerHandle, ToSlot } from '../transport/index.ts';

export interface SlotFleetOptions {
  /** Slots that jobs are planned for. */
  readonly slots: number;
  readonly incarnation: number;
  readonly channelBytes: number;
  readonly settings: SlotSettings;
  readonly message: (slot: number, message: FromSlot) => void;
  readonly lost: (slot: number, error: SqlError) => void;
  /** TaskManagers have come or gone. */
  readonly changed: () => void;
}

/** Where a slot lives: the place `index` of a TaskManager. */
interface Place {
  readonly host: TaskManagerHandle;
  readonly index: number;
}

interface FilledSlot extends Place {
  link: SlotLink;
}

/** A place of a TaskManager, for those who look at the cluster; `slot` null: nothing lives there. */
export interface SlotPlace {
  readonly taskManager: string;
  readonly index: number;
  readonly slot: number | null;
}

/**
 * The resource manager: fills the slots of jobs with places of the TaskManagers there are. Subtask i of every vertex lives in slot i, so a job needs the
 * first slots up to its width, all or none. A slot whose thread dies is started anew at its place; when its TaskManager goes, another one's free place is
 * taken, or the slot stays empty until one comes.
 */
export class SlotFleet {
  readonly #options: SlotFleetOptions;
  readonly #hosts: TaskManagerHandle[] = [];
  readonly #slots: (FilledSlot | null)[];
  #open = true;

  constructor(options: SlotFleetOptions) {
    this.#options = options;
    this.#slots = new Array<FilledSlot | null>(options.slots).fill(null);
  }

  /** Slots that jobs are planned for, filled or not. */
  get count(): number {
    return this.#slots.length;
  }

  get taskManagers(): readonly TaskManagerHandle[] {
    return this.#hosts;
  }

  join(host: TaskManagerHandle): void {
    this.#hosts.push(host);
    this.#fill();
    this.#options.changed();
  }

  /** The TaskManager is gone with everything in it. */
  leave(host: TaskManagerHandle, error: SqlError): void {
    const at = this.#hosts.indexOf(host);
    if (at < 0 || !this.#open) return;
    this.#hosts.splice(at, 1);
    const lost = this.#slots.flatMap((filled, slot) => (filled?.host === host ? slot : []));
    for (const slot of lost) this.#slots[slot] = null;
    this.#fill();
    for (const slot of lost) this.#options.lost(slot, error);
    this.#options.changed();
  }

  isEmpty(slot: number): boolean {
    return this.#slots[slot] === null;
  }

  /** Why a job of `width` slots cannot start, or null when it can. */
  shortage(name: string, width: number): SqlErrorFields | null {
    const missing = this.#slots.slice(0, width).filter((filled) => filled === null).length;
    if (missing === 0) return null;
    const code = SqlState.insufficientResources;
    const hint = `Start TaskManagers with ${missing} more slots (fsql taskmanager --slots ${missing} --jobmanager …).`;
    return { code, message: `job "${name}" needs ${width} slots, ${width - missing} are there`, hint, class: 'user' };
  }

  /** Ids of the TaskManagers by slot; '' for an empty one. */
  hostsOfSlots(): readonly string[] {
    return this.#slots.map((filled) => filled?.host.id ?? '');
  }

  places(): SlotPlace[] {
    return this.#hosts.flatMap((host) =>
      Array.from({ length: host.slots }, (_, index) => {
        const slot = this.#slots.findIndex((filled) => filled?.host === host && filled.index === index);
        return { taskManager: host.id, index, slot: slot < 0 ? null : slot };
      }),
    );
  }

  /** Messages to an empty slot are dropped: what they concern went with the slot. */
  send(slot: number, message: ToSlot): void {
    this.#slots[slot]?.link.send(message);
  }

  broadcast(message: ToSlot): void {
    for (const filled of this.#slots) filled?.link.send(message);
  }

  /** One message a slot for entries that each concern one task. */
  sendGrouped<Entry extends { readonly task: TaskId }>(entries: readonly Entry[], message: (entries: readonly Entry[]) => ToSlot): void {
    for (let slot = 0; slot < this.#slots.length; slot++) {
      const own = entries.filter((entry) => entry.task.subtask === slot);
      if (own.length > 0) this.send(slot, message(own));
    }
  }

  async close(): Promise<void> {
    this.#open = false;
    await Promise.all(this.#slots.map((filled) => filled?.link.close()));
  }

  #fill(): void {
    if (!this.#open) return;
    for (let slot = 0; slot < this.#slots.length; slot++) {
      if (this.#slots[slot] !== null) continue;
      const free = this.places().find((place) => place.slot === null);
      if (free === undefined) return;
      this.#launch(slot, { host: this.#hosts.find(({ id }) => id === free.taskManager)!, index: free.index });
    }
  }

  #launch(slot: number, place: Place): void {
    const { incarnation, channelBytes, settings, message, lost } = this.#options;
    const isCurrent = (): boolean => this.#open && this.#slots[slot] === filled;
    const link = place.host.launch(
      { slot, incarnation, channelBytes, settings },
      {
        message: (received) => {
          if (this.#slots[slot] === filled) message(slot, received);
        },
        lost: (error) => {
          if (!isCurrent()) return;
          this.#launch(slot, place);
          lost(slot, error);
        },
      },
    );
    const filled: FilledSlot = { ...place, link };
    this.#slots[slot] = filled;
  }
}

export function emptySlot(slot: number): SqlError {
  return new SqlError({ code: SqlState.insufficientResources, message: `slot ${slot} has gone meanwhile`, class: 'external' });
}
