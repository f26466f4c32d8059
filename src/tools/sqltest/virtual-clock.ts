import type { Clock, Timer } from '../../base/index.ts';

interface PendingTimer {
  dueMs: number;
  /** Of those due at one time the one set first runs first. */
  order: number;
  readonly intervalMs: number | null;
  readonly run: () => void;
}

/** Time that only moves when told to. Timers fire in the order they are due while it moves; nothing in it reads the machine's clock. */
export class VirtualClock implements Clock {
  #nowMicros: bigint;
  #monotonicMs = 0;
  readonly #startMicros: bigint;
  readonly #timers = new Set<PendingTimer>();
  #order = 0;

  constructor(startMicros: bigint) {
    this.#nowMicros = startMicros;
    this.#startMicros = startMicros;
  }

  nowMicros(): bigint {
    return this.#nowMicros;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, run: () => void): Timer {
    return this.#add(delayMs, null, run);
  }

  every(intervalMs: number, run: () => void): Timer {
    return this.#add(intervalMs, intervalMs, run);
  }

  /** Moves time forward, firing what is due on the way. Going back is refused: monotonic time would. */
  advanceTo(micros: bigint): void {
    if (micros < this.#nowMicros) throw new Error('the clock cannot go back');
    const targetMs = Number(micros - this.#startMicros) / 1000;
    for (;;) {
      const next = this.#earliest(targetMs);
      if (next === null) break;
      this.#fire(next);
    }
    this.#moveTo(micros);
  }

  /** Moves time to the timer that is due next and fires it; false when there is none. */
  step(): boolean {
    const next = this.#earliest(Number.POSITIVE_INFINITY);
    if (next !== null) this.#fire(next);
    return next !== null;
  }

  /** The monotonic time is asked for at every step of every task. */
  #moveTo(micros: bigint): void {
    this.#nowMicros = micros;
    this.#monotonicMs = Number(micros - this.#startMicros) / 1000;
  }

  #fire(timer: PendingTimer): void {
    this.#moveTo(this.#startMicros + BigInt(Math.round(timer.dueMs * 1000)));
    if (timer.intervalMs === null) this.#timers.delete(timer);
    else {
      timer.dueMs += timer.intervalMs;
      timer.order = this.#order++;
    }
    timer.run();
  }

  #earliest(untilMs: number): PendingTimer | null {
    let found: PendingTimer | null = null;
    for (const timer of this.#timers) {
      if (timer.dueMs > untilMs) continue;
      if (found === null || timer.dueMs < found.dueMs || (timer.dueMs === found.dueMs && timer.order < found.order)) found = timer;
    }
    return found;
  }

  #add(delayMs: number, intervalMs: number | null, run: () => void): Timer {
    const timer: PendingTimer = { dueMs: this.monotonicMs() + Math.max(delayMs, 0), order: this.#order++, intervalMs, run };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }
}
