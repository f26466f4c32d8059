import type { Clock, Timer } from '../../../base/index.ts';

/** A clock that stands until it is turned. */
export class ManualClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Set<{ dueMs: number; run: () => void }>();

  nowMicros(): bigint {
    return BigInt(Math.round(this.#nowMs * 1000));
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): Timer {
    const timer = { dueMs: this.#nowMs + delayMs, run };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  every(intervalMs: number, run: () => void): Timer {
    let timer: Timer;
    const arm = (): void => {
      timer = this.after(intervalMs, () => {
        arm();
        run();
      });
    };
    arm();
    return { cancel: () => timer.cancel() };
  }

  advance(byMs: number): void {
    this.#nowMs += byMs;
    for (const timer of [...this.#timers]) {
      if (timer.dueMs > this.#nowMs) continue;
      this.#timers.delete(timer);
      timer.run();
    }
  }
}
