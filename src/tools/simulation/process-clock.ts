import type { Clock, Timer } from '../../base/index.ts';
import type { ProcessLife } from './process-life.ts';

/** The clock of one process on the world's time: its wall clock may jump, and when the process is killed its timers are gone. */
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
    return this.#keep((own) =>
      this.#world.after(delayMs, () => {
        this.#timers.delete(own());
        run();
      }),
    );
  }

  every(intervalMs: number, run: () => void): Timer {
    return this.#keep(() => this.#world.every(intervalMs, run));
  }

  #keep(set: (own: () => Timer) => Timer): Timer {
    if (this.#life.killed) return { cancel: () => undefined };
    const timer: Timer = {
      cancel: () => {
        inner.cancel();
        this.#timers.delete(timer);
      },
    };
    const inner = set(() => timer);
    this.#timers.add(timer);
    return timer;
  }
}
