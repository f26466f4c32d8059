import type { Clock, Timer } from '../../base/index.ts';
import type { ProcessLife } from './process-life.ts';

/**
 * The clock of one process on the world's time: its wall clock may jump, when the process is killed its timers are gone, and what was due while it was stopped
 * fires when it wakes, once.
 */
export class ProcessClock implements Clock {
  readonly #world: Clock;
  readonly #life: ProcessLife;
  readonly #timers = new Set<Timer>();
  #offsetMicros = 0n;

  constructor(world: Clock, life: ProcessLife) {
    this.#world = world;
    this.#life = life;
    life.onKill(() => {
      for (const timer of this.#timers) timer.cancel();
      this.#timers.clear();
    });
  }

  nowMicros(): bigint {
    return this.#world.nowMicros() + this.#offsetMicros;
  }

  monotonicMs(): number {
    return this.#world.monotonicMs();
  }

  /** The wall clock shows another time from now on. */
  jump(byMicros: bigint): void {
    this.#offsetMicros += byMicros;
  }

  after(delayMs: number, run: () => void): Timer {
    return this.#keep(run, (fire) => this.#world.after(delayMs, fire), true);
  }

  every(intervalMs: number, run: () => void): Timer {
    return this.#keep(run, (fire) => this.#world.every(intervalMs, fire), false);
  }

  #keep(run: () => void, set: (fire: () => void) => Timer, once: boolean): Timer {
    if (this.#life.killed) return { cancel: () => undefined };
    const timer: Timer = {
      cancel: () => {
        inner.cancel();
        this.#timers.delete(timer);
      },
    };
    const due = (): void => {
      if (!this.#timers.has(timer)) return;
      if (once) this.#timers.delete(timer);
      run();
    };
    const inner = set(() => this.#life.happens(due));
    this.#timers.add(timer);
    return timer;
  }
}
