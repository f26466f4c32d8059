/** A pending timer; `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

/**
 * Time as a parameter. The real one is adapters/system-clock.ts; tests and the simulator pass one they can turn.
 * Wall time may jump; monotonic time never goes back and has no meaning outside the process.
 */
export interface Clock {
  /** Wall-clock time, microseconds since the Unix epoch. */
  nowMicros(): bigint;
  /** Monotonic time in milliseconds, fractional. */
  monotonicMs(): number;
  after(delayMs: number, run: () => void): Timer;
  every(intervalMs: number, run: () => void): Timer;
}
