import type { Clock } from '../../base/index.ts';

/** Long enough that giving way costs little, short enough that other sessions do not notice. */
const SLICE_MS = 10;

/** Cuts the work of a statement on the front end's one thread into slices, so that other sessions, barriers and cancel requests have their turn. */
export class TimeSlice {
  readonly #clock: Clock | null;
  readonly #signal: AbortSignal;
  #startedMs: number;

  /** `clock` is null where time moves only when somebody moves it: who waited for a next slice would wait for ever. */
  constructor(clock: Clock | null, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    this.#startedMs = clock?.monotonicMs() ?? 0;
  }

  /** Null while the slice lasts, else a promise of the next one. Throws, or rejects, with the reason of an abort. */
  readonly breathe = (): Promise<void> | null => {
    this.#signal.throwIfAborted();
    const clock = this.#clock;
    if (clock === null || clock.monotonicMs() - this.#startedMs < SLICE_MS) return null;
    return new Promise((resolve, reject) => {
      clock.after(0, () => {
        this.#startedMs = clock.monotonicMs();
        if (this.#signal.aborted) reject(this.#signal.reason as Error);
        else resolve();
      });
    });
  };
}
