import type { Clock, Logger } from '../../base/index.ts';
import { Doorbell, type SlotRegistries } from '../../runtime/index.ts';
import type { ScratchPlace } from '../../state/index.ts';
import { type FromSlot, type SlotLaunch, type ToSlot, transferables } from '../transport/index.ts';
import { Slot } from './slot.ts';

/** The worker's end of its port, as node:worker_threads has it. */
export interface SlotPort {
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  close(): void;
}

export interface SlotWorkerOptions {
  readonly launch: SlotLaunch;
  readonly registries: SlotRegistries;
  readonly port: SlotPort;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where it puts state that does not fit. */
  readonly scratch: ScratchPlace;
  /** The event loop's next turn: messages, sockets and timers run before it resolves. */
  readonly nextTurn: () => Promise<void>;
}

/** Time the tasks run before the event loop gets its turn. */
const SLICE_MS = 2;
/** All tasks are looked at this often, whoever has failed to wake them. */
const LOOK_AROUND_MS = 500;

/** Runs one slot in a worker thread until it is told to close: gives those who are awake their turns, and sleeps on the slot's doorbell when nobody is. */
export async function runSlotWorker(options: SlotWorkerOptions): Promise<void> {
  const { launch, port, registries, clock, logger, scratch, nextTurn } = options;
  const bell = new Doorbell(launch.doorbell);
  const send = (message: FromSlot): void => port.postMessage(message, transferables(message));
  const slot = new Slot({ launch, registries, clock, logger, scratch, send, wake: () => bell.ring() });
  let open = true;
  port.on('message', (message) => {
    slot.receive(message as ToSlot);
    if ((message as ToSlot).kind === 'close') open = false;
    bell.ring();
  });
  let allWokenMs = clock.monotonicMs();
  while (open) {
    const begun = clock.monotonicMs();
    if (begun - allWokenMs >= LOOK_AROUND_MS) {
      allWokenMs = begun;
      slot.wakeAll();
    }
    while (slot.someoneAwake && clock.monotonicMs() < begun + SLICE_MS) for (const turn of slot.turns()) turn.step();
    if (slot.someoneAwake) {
      await nextTurn();
      continue;
    }
    const seen = bell.rings();
    bell.announceSleep(true);
    if (!slot.someoneAwake) await bell.wait(seen, LOOK_AROUND_MS);
    bell.announceSleep(false);
  }
  await slot.closed;
  port.close();
}
