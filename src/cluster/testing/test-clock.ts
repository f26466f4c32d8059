import type { Clock, Timer } from '../../base/index.ts';

/** A clock that a test turns. Timers run in order of their time. */
export class TestClock implements Clock {
  #nowMs = 0;
  #last = 0;
  #timers: { readonly id: number; atMs: number; readonly everyMs: number | null; readonly run: () => void }[] = [];

  nowMicros(): bigint {
    return 1_700_000_000_000_000n + BigInt(Math.round(this.#nowMs * 1000));
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): Timer {
    return this.#add({ id: ++this.#last, atMs: this.#nowMs + delayMs, everyMs: null, run });
  }

  every(intervalMs: number, run: () => void): Timer {
    return this.#add({ id: ++this.#last, atMs: this.#nowMs + intervalMs, everyMs: intervalMs, run });
  }

  advance(byMs: number): void {
    const until = this.#nowMs + byMs;
    for (;;) {
      this.#timers.sort((left, right) => left.atMs - right.atMs || left.id - right.id);
      const due = this.#timers[0];
      if (due === undefined || due.atMs > until) break;
      this.#nowMs = due.atMs;
      if (due.everyMs === null) this.#timers.shift();
      else due.atMs += due.everyMs;
      due.run();
    }
    this.#nowMs = until;
  }

  /** Time passes while the process does not run: what was due meanwhile runs once, late. */
  sleep(forMs: number): void {
    this.#nowMs += forMs;
    for (const timer of [...this.#timers]) {
      if (timer.atMs > this.#nowMs) continue;
      if (timer.everyMs === null) this.#timers = this.#timers.filter((other) => other !== timer);
      else timer.atMs = this.#nowMs + timer.everyMs;
      timer.run();
    }
  }

  #add(timer: { readonly id: number; atMs: number; readonly everyMs: number | null; readonly run: () => void }): Timer {
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }
}
