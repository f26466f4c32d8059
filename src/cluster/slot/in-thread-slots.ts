import { type Clock, type Logger, type Random, toSqlError } from '../../base/index.ts';
import type { SlotRegistries } from '../../runtime/index.ts';
import type { ScratchPlace } from '../../state/index.ts';
import type { FromSlot, SlotEvents, SlotLaunch, SlotLauncher, SlotLink, ToSlot } from '../transport/index.ts';
import type { Turn } from './rota.ts';
import { Slot } from './slot.ts';

export interface InThreadSlotsOptions {
  readonly registries: SlotRegistries;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where a slot puts state that does not fit. */
  readonly scratch: (launch: SlotLaunch) => ScratchPlace;
  /** Decides the order of deliveries and steps; null: a fixed order. */
  readonly random: Random | null;
  /** Lets other work of the thread run; a resolved promise in tests, the event loop's next turn elsewhere. */
  readonly pause: () => Promise<void>;
  /**
   * Calls `wake` whenever the doorbell of a slot has been rung: what else brings bytes into its rings does that. Returns how to stop it. Absent: nothing else
   * does.
   */
  readonly onRing?: (doorbell: SharedArrayBuffer, wake: () => void) => () => void;
  /** Sees every scheduling step, for tests that compare two runs. */
  readonly trace?: (step: string) => void;
}

/** Rounds between two pauses. */
const ROUNDS_MAX = 16;

interface HostedSlot {
  readonly slot: Slot;
  readonly index: number;
  readonly events: SlotEvents;
  readonly toSlot: ToSlot[];
  readonly fromSlot: FromSlot[];
  open: boolean;
}

/**
 * Slots that share this thread, cooperatively: `fsql test`, `-c`, the embedded API and the simulation. In each round every queue with messages and every
 * task that is awake gets one turn, in an order that `random` shuffles. Messages queue like on a real link, so nothing is delivered inside a call.
 */
export function inThreadSlots(options: InThreadSlotsOptions): SlotLauncher {
  const host = new InThreadHost(options);
  return { launch: (launch, events) => host.launch(launch, events), settled: () => host.settled() };
}

class InThreadHost {
  readonly #options: InThreadSlotsOptions;
  readonly #slots: HostedSlot[] = [];
  #running: Promise<void> | null = null;

  constructor(options: InThreadSlotsOptions) {
    this.#options = options;
  }

  launch(launch: SlotLaunch, events: SlotEvents): SlotLink {
    const { registries, clock, logger, scratch } = this.#options;
    const fromSlot: FromSlot[] = [];
    const wake = (): void => this.#wake();
    const send = (message: FromSlot): void => {
      fromSlot.push(message);
      this.#wake();
    };
    const hosted: HostedSlot = {
      slot: new Slot({ launch, registries, clock, logger, scratch: scratch(launch), wake, send }),
      index: launch.slot,
      events,
      toSlot: [],
      fromSlot,
      open: true,
    };
    this.#slots.push(hosted);
    const stopListening = this.#options.onRing?.(launch.doorbell, wake);
    return {
      send: (message) => {
        if (!hosted.open) return;
        hosted.toSlot.push(message);
        this.#wake();
      },
      close: async () => {
        if (hosted.open) {
          hosted.open = false;
          stopListening?.();
          hosted.slot.receive({ kind: 'close' });
          this.#slots.splice(this.#slots.indexOf(hosted), 1);
        }
        await hosted.slot.closed;
      },
    };
  }

  async settled(): Promise<void> {
    for (;;) {
      if (this.#running !== null) await this.#running;
      await this.#options.pause();
      if (this.#running === null && this.#slots.every((slot) => slot.toSlot.length + slot.fromSlot.length === 0)) return;
    }
  }

  #wake(): void {
    this.#running ??= Promise.resolve().then(() => this.#run());
  }

  async #run(): Promise<void> {
    try {
      for (let round = 1; this.#hasWork(); round++) {
        for (const turn of this.#turns()) turn();
        if (round % ROUNDS_MAX === 0) await this.#options.pause();
        else await Promise.resolve();
      }
    } finally {
      this.#running = null;
    }
  }

  #hasWork(): boolean {
    return this.#slots.some(({ slot, toSlot, fromSlot }) => toSlot.length + fromSlot.length > 0 || slot.someoneAwake);
  }

  #turns(): (() => void)[] {
    const turns: (() => void)[] = [];
    for (const hosted of this.#slots) {
      if (hosted.toSlot.length > 0) turns.push(() => this.#deliverToSlot(hosted));
      if (hosted.fromSlot.length > 0) turns.push(() => this.#deliverFromSlot(hosted));
      for (const turn of hosted.slot.turns()) turns.push(() => this.#step(hosted, turn));
    }
    if (this.#options.random !== null) shuffle(turns, this.#options.random);
    return turns;
  }

  #step(hosted: HostedSlot, turn: Turn): void {
    if (!hosted.open) return;
    const result = turn.step();
    this.#options.trace?.(`${hosted.index} step ${turn.name} ${result}`);
  }

  #deliverToSlot(hosted: HostedSlot): void {
    this.#deliver(hosted, hosted.toSlot, (message) => {
      this.#options.trace?.(`${hosted.index} receives ${message.kind}`);
      hosted.slot.receive(message);
    });
  }

  #deliverFromSlot(hosted: HostedSlot): void {
    this.#deliver(hosted, hosted.fromSlot, (message) => {
      this.#options.trace?.(`${hosted.index} sends ${message.kind}`);
      try {
        hosted.events.message(message);
      } catch (error) {
        this.#options.logger.log('error', 'handling a message of a slot failed', {
          kind: message.kind,
          error: toSqlError(error).message,
          cause: error,
        });
      }
    });
  }

  /** What waits at the time of the turn, or as much of it as chance has it: a round for every message would be many rounds. */
  #deliver<Message>(hosted: HostedSlot, queue: Message[], take: (message: Message) => void): void {
    const { random } = this.#options;
    const waiting = queue.length;
    if (!hosted.open) return;
    const count = random === null || waiting === 1 ? waiting : 1 + random.nextInt(waiting);
    for (const message of queue.splice(0, count)) if (hosted.open) take(message);
  }
}

function shuffle<Item>(items: Item[], random: Random): void {
  for (let index = items.length - 1; index > 0; index--) {
    const other = random.nextInt(index + 1);
    const item = items[index]!;
    items[index] = items[other]!;
    items[other] = item;
  }
}
