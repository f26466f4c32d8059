import { SqlError, type SqlErrorFields, SqlState } from '../../base/index.ts';
import { DEFAULT_SLOT_SHARING_GROUP } from '../../jobgraph/index.ts';
import type { SlotSettings, TaskId } from '../../runtime/index.ts';
import type { FromSlot, SlotLink, TaskManagerHandle, ToSlot } from '../transport/index.ts';

export interface SlotFleetOptions {
  /** Slots that jobs are planned for: what a slot sharing group can have at most. */
  readonly slots: number;
  /** Slots of other processes may join. */
  readonly grows: boolean;
  /** Where a task lives; undefined: nowhere any more. */
  readonly slotOf: (task: TaskId) => number | undefined;
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

/** What a job holds: the first `width` slots of its group, which it shares with the group's other jobs. */
export interface SlotDemand {
  readonly jobId: string;
  readonly name: string;
  readonly group: string;
  readonly width: number;
}

/** A place of a TaskManager, for those who look at the cluster; `slot` null: nothing lives there. */
export interface SlotPlace {
  readonly taskManager: string;
  readonly index: number;
  readonly slot: number | null;
  /** Whose slot it is; null: nobody's. */
  readonly group: string | null;
}

/**
 * The resource manager: fills the slots of jobs with places of the TaskManagers there are. Each slot sharing group has slots of its own, numbered behind
 * each other in blocks: subtask i of every vertex lives in slot i of its group, so a job needs the group's first slots up to its width, all or none (a claim).
 * Claims are met in the order they came; one that cannot be met holds nothing that another one needs. What no claim needs are slots of the default group,
 * started in advance. A slot whose thread dies is started anew at its place; when its TaskManager goes, another one's free place is taken, or the slot stays
 * empty until one comes.
 */
export class SlotFleet {
  readonly #options: SlotFleetOptions;
  readonly #hosts: TaskManagerHandle[] = [];
  /** Blocks of `options.slots`, one a group. */
  #slots: (FilledSlot | null)[] = [];
  /** The groups of the blocks; null: the block is free. */
  readonly #groups: (string | null)[] = [];
  readonly #claims = new Map<string, SlotDemand>();
  #turnover = 0;
  #closing: Promise<unknown> = Promise.resolve();
  #open = true;

  constructor(options: SlotFleetOptions) {
    this.#options = options;
    this.#addBlock(DEFAULT_SLOT_SHARING_GROUP);
  }

  /** What a job can have. */
  get slotsMax(): number {
    return this.#options.slots;
  }

  get taskManagers(): readonly TaskManagerHandle[] {
    return this.#hosts;
  }

  /** Counts TaskManagers that have come or gone. */
  get turnover(): number {
    return this.#turnover;
  }

  /** Slots of all TaskManagers. */
  get placeCount(): number {
    return this.#hosts.reduce((sum, host) => sum + host.slots, 0);
  }

  /** Of a group's slots those that live somewhere. */
  filledSlots(group: string): number {
    return this.#slots.filter((filled, slot) => filled !== null && this.#groupOf(slot) === group).length;
  }

  join(host: TaskManagerHandle): void {
    this.#hosts.push(host);
    this.#turnover++;
    this.#fill();
    this.#options.changed();
  }

  /** The TaskManager is gone with everything in it. */
  leave(host: TaskManagerHandle, error: SqlError): void {
    const at = this.#hosts.indexOf(host);
    if (at < 0 || !this.#open) return;
    this.#hosts.splice(at, 1);
    this.#turnover++;
    const lost = this.#slots.flatMap((filled, slot) => (filled?.host === host ? slot : []));
    for (const slot of lost) this.#slots[slot] = null;
    this.#fill();
    for (const slot of lost) this.#options.lost(slot, error);
    this.#options.changed();
  }

  isEmpty(slot: number): boolean {
    return this.#slots[slot] === null;
  }

  /** The job is to have its slots, from now on or as soon as they are there, until it is released. */
  claim(demand: SlotDemand): void {
    this.#claims.set(demand.jobId, demand);
    if (!this.#groups.includes(demand.group)) this.#addBlock(demand.group);
    this.#fill();
  }

  release(jobId: string): void {
    if (this.#claims.delete(jobId)) this.#fill();
  }

  /** Why a job cannot start, or null when it can; it need not have a claim yet. */
  shortage(demand: SlotDemand): SqlErrorFields | null {
    const { jobId, name, group, width } = demand;
    const own = this.#slotsOfClaim(demand);
    if (own.length > 0 && this.#isFilled(own)) return null;
    const held = [...this.#heldByClaims(jobId)].filter((slot) => !own.includes(slot));
    const places = this.placeCount;
    const there = places - held.length;
    if (there >= width) return null;
    const missing = width - there;
    const ofGroup = group === DEFAULT_SLOT_SHARING_GROUP ? '' : ` of slot sharing group "${group}"`;
    const message = `job "${name}" needs ${numbered(width)}${ofGroup}, ${there} ${there === 1 ? 'is' : 'are'} there`;
    const others = this.#groups.flatMap((one, block) => {
      const count = held.filter((slot) => Math.floor(slot / this.#options.slots) === block).length;
      return one === null || one === group || count === 0 ? [] : `group "${one}" has ${count}`;
    });
    const start = this.#options.grows
      ? `Start TaskManagers with ${numbered(missing, 'more ')} (fsql taskmanager --slots ${missing} --jobmanager …)`
      : `Start the server with ${numbered(missing, 'more ')} (--slots)`;
    const fewer = others.length === 0 ? '' : ', or let jobs have fewer (ALTER JOB … SET PARALLELISM)';
    const detail = others.length === 0 ? {} : { detail: `Of ${numbered(places)}, ${others.join(', ')}.` };
    return { code: SqlState.insufficientResources, message, ...detail, hint: `${start}${fewer}.`, class: 'user' };
  }

  /**
   * The slots of a job's subtasks. Readers of a source that is wider than the job share its slots with the others, but for the default group, whose further
   * slots they take where they are there.
   */
  slotsOf({ group, width }: SlotDemand, subtasks: number): readonly number[] {
    const block = this.#groups.indexOf(group);
    const first = block * this.#options.slots;
    const isOwn = (subtask: number): boolean => subtask < width || (block === 0 && subtask < this.#options.slots && !this.isEmpty(subtask));
    return Array.from({ length: subtasks }, (_, subtask) => first + (isOwn(subtask) ? subtask : subtask % width));
  }

  /** Ids of the TaskManagers by slot; '' for an empty one. */
  hostsOfSlots(): readonly string[] {
    return this.#slots.map((filled) => filled?.host.id ?? '');
  }

  places(): SlotPlace[] {
    return this.#hosts.flatMap((host) =>
      Array.from({ length: host.slots }, (_, index) => {
        const slot = this.#slots.findIndex((filled) => filled?.host === host && filled.index === index);
        return { taskManager: host.id, index, slot: slot < 0 ? null : slot, group: slot < 0 ? null : this.#groupOf(slot) };
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

  sendTo(task: TaskId, message: ToSlot): void {
    const slot = this.#options.slotOf(task);
    if (slot !== undefined) this.send(slot, message);
  }

  /** One message a slot for entries that each concern one task. */
  sendGrouped<Entry extends { readonly task: TaskId }>(entries: readonly Entry[], message: (entries: readonly Entry[]) => ToSlot): void {
    const bySlot = new Map<number, Entry[]>();
    for (const entry of entries) {
      const slot = this.#options.slotOf(entry.task);
      if (slot === undefined) continue;
      const own = bySlot.get(slot);
      if (own === undefined) bySlot.set(slot, [entry]);
      else own.push(entry);
    }
    for (const [slot, own] of [...bySlot].sort(([left], [right]) => left - right)) this.send(slot, message(own));
  }

  async close(): Promise<void> {
    this.#open = false;
    await Promise.all([...this.#slots.map((filled) => filled?.link.close()), this.#closing]);
  }

  #addBlock(group: string): void {
    const free = this.#groups.indexOf(null);
    if (free >= 0) {
      this.#groups[free] = group;
      return;
    }
    this.#groups.push(group);
    this.#slots = [...this.#slots, ...new Array<FilledSlot | null>(this.#options.slots).fill(null)];
  }

  #groupOf(slot: number): string {
    return this.#groups[Math.floor(slot / this.#options.slots)]!;
  }

  #slotsOfClaim({ group, width }: SlotDemand): number[] {
    const block = this.#groups.indexOf(group);
    return block < 0 ? [] : Array.from({ length: width }, (_, index) => block * this.#options.slots + index);
  }

  #isFilled(slots: readonly number[]): boolean {
    return slots.every((slot) => this.#slots[slot] !== null);
  }

  /** Slots of the claims that are met, but for one job's. */
  #heldByClaims(except: string | null): Set<number> {
    const held = new Set<number>();
    for (const claim of this.#claims.values()) {
      if (claim.jobId === except) continue;
      const slots = this.#slotsOfClaim(claim);
      if (this.#isFilled(slots)) for (const slot of slots) held.add(slot);
    }
    return held;
  }

  #fill(): void {
    if (!this.#open) return;
    this.#giveBack();
    for (const claim of this.#claims.values()) this.#meet(claim);
    for (let slot = 0; slot < this.#options.slots; slot++) {
      if (this.#slots[slot] !== null) continue;
      const place = this.#freePlaces()[0];
      if (place === undefined) return;
      this.#launch(slot, place);
    }
  }

  /** Groups other than the default one keep no slot that no job of theirs has claimed. */
  #giveBack(): void {
    const claims = [...this.#claims.values()];
    for (let block = 1; block < this.#groups.length; block++) {
      const widths = claims.filter(({ group }) => group === this.#groups[block]).map(({ width }) => width);
      const first = block * this.#options.slots;
      for (let slot = first + Math.max(0, ...widths); slot < first + this.#options.slots; slot++) this.#evict(slot);
      if (widths.length === 0) this.#groups[block] = null;
    }
  }

  /** All slots of a claim, or none: places that are free first, then those of slots that no claim which is met needs. */
  #meet(claim: SlotDemand): void {
    const own = this.#slotsOfClaim(claim);
    const missing = own.filter((slot) => this.#slots[slot] === null);
    if (missing.length === 0) return;
    const short = missing.length - this.#freePlaces().length;
    if (short > 0) {
      const held = this.#heldByClaims(null);
      const spare = this.#slots.flatMap((filled, slot) => (filled === null || held.has(slot) || own.includes(slot) ? [] : slot));
      if (spare.length < short) return;
      for (const slot of spare.slice(-short)) this.#evict(slot);
    }
    const places = this.#freePlaces();
    missing.forEach((slot, index) => {
      this.#launch(slot, places[index]!);
    });
  }

  #freePlaces(): Place[] {
    const free = this.places().filter(({ slot }) => slot === null);
    return free.map(({ taskManager, index }) => ({ host: this.#hosts.find(({ id }) => id === taskManager)!, index }));
  }

  /** Its place goes to another group; whatever was still in it has lost it. */
  #evict(slot: number): void {
    const filled = this.#slots[slot];
    if (filled === null || filled === undefined) return;
    this.#slots[slot] = null;
    this.#closing = Promise.all([this.#closing, filled.link.close()]);
    this.#options.lost(slot, emptySlot(slot));
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

/** How many slots, in words: "1 more slot". */
export function numbered(count: number, which = ''): string {
  return `${count} ${which}${count === 1 ? 'slot' : 'slots'}`;
}

export function emptySlot(slot: number): SqlError {
  return new SqlError({ code: SqlState.insufficientResources, message: `slot ${slot} has gone meanwhile`, class: 'external' });
}
