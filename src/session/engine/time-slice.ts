import type { Clock } from '../../base/index.ts';

/** Long enough that giving way costs little, short enough that other sessions do not notice. */
const SLICE_MS = 10;

/** Cuts the work of a statement on the front end's one thread into slices, so that other sessions, barriers and cancel requests have their turn. */
export class TimeSlice {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #startedMs: number;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    this.#startedMs = clock.monotonicMs();
  }

  /** Null while the slice lasts, else a promise of the next one. Throws, or rejects, with the reason of an abort. */
  readonly breathe = (): Promise<void> | null => {
    this.#signal.throwIfAborted();
    if (this.#clock.monotonicMs() - this.#startedMs < SLICE_MS) return null;
    return new Promise((resolve, reject) => {
      this.#clock.after(0, () => {
        this.#startedMs = this.#clock.monotonicMs();
        if (this.#signal.aborted) reject(this.#signal.reason as Error);
        else resolve();
      });
    });
  };
}
