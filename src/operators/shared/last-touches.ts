import { DueSlots } from './due-slots.ts';
import { grownFloat64, grownUint8 } from './grow-array.ts';

const NEVER = Number.NEGATIVE_INFINITY;

/** Which slots were touched when, in epoch time, and which of them have not been for a ttl. A slot that is touched often waits once all the same. */
export class LastTouches {
  readonly #ttlMicros: number;
  readonly #due = new DueSlots();
  #times: Float64Array<ArrayBuffer> = new Float64Array(64).fill(NEVER);
  #waiting: Uint8Array<ArrayBuffer> = new Uint8Array(64);

  constructor(ttlMicros: number) {
    this.#ttlMicros = ttlMicros;
  }

  touch(slot: number, micros: number): void {
    const end = this.#times.length;
    this.#times = grownFloat64(this.#times, slot + 1);
    this.#times.fill(NEVER, end);
    this.#waiting = grownUint8(this.#waiting, slot + 1);
    this.#times[slot] = micros;
    if (this.#waiting[slot] === 1) return;
    this.#waiting[slot] = 1;
    this.#due.add(micros + this.#ttlMicros, slot);
  }

  timeOf(slot: number): number {
    return this.#times[slot]!;
  }

  /** The slot is given back. */
  forget(slot: number): void {
    this.#times[slot] = NEVER;
  }

  /** Takes out the slots whose ttl has passed as of an epoch of that time. */
  take(nowMicros: number): number[] {
    const taken: number[] = [];
    while (this.#due.earliest <= nowMicros) {
      const slot = this.#due.take();
      const end = this.#times[slot]! + this.#ttlMicros;
      if (end > nowMicros) {
        this.#due.add(end, slot);
        continue;
      }
      this.#waiting[slot] = 0;
      if (end !== NEVER) taken.push(slot);
      this.forget(slot);
    }
    return taken;
  }
}
