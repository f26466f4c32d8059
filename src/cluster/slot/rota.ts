import type { StepResult } from '../../runtime/index.ts';

/** One who has turns in a slot: a task, a scan, work put off. */
export interface Turn {
  /** Whose it is, for traces. */
  readonly name: string;
  /** There may be something to do. May be called at any time, in a step as well. */
  readonly wake: () => void;
  /** Does one step. Sleeps from then on unless the step made progress or it was woken meanwhile. */
  step(): StepResult;
  /** Has no more turns. */
  leave(): void;
}

/**
 * Who in a slot may have something to do. Everybody else is not touched: an idle task costs nothing, however many there are. So whoever waits for something is to be woken
 * when it comes: input, room in an output, a message of the JobManager, something asynchronous.
 */
export class Rota {
  readonly #everybody = new Set<Turn>();
  readonly #awake = new Set<Turn>();
  readonly #woken: () => void;
  #stepping = false;

  /** `woken`: somebody has woken while nobody had a turn. */
  constructor(woken: () => void) {
    this.#woken = woken;
  }

  /** Adds one, asleep. */
  join(name: string, step: () => StepResult): Turn {
    const turn: Turn = {
      name,
      wake: () => {
        if (!this.#everybody.has(turn)) return;
        this.#awake.add(turn);
        if (!this.#stepping) this.#woken();
      },
      step: () => {
        if (!this.#awake.delete(turn)) return 'idle';
        this.#stepping = true;
        try {
          const result = step();
          if (result === 'progress') turn.wake();
          return result;
        } finally {
          this.#stepping = false;
        }
      },
      leave: () => {
        this.#everybody.delete(turn);
        this.#awake.delete(turn);
      },
    };
    this.#everybody.add(turn);
    return turn;
  }

  get someoneAwake(): boolean {
    return this.#awake.size > 0;
  }

  /** Those awake now, who woke first in front. */
  awake(): readonly Turn[] {
    return [...this.#awake];
  }

  wakeAll(): void {
    for (const turn of this.#everybody) turn.wake();
  }
}
