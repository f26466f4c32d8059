import type { Clock, Timer } from '../clock.ts';

/** The machine's clock. Timers of `every` do not keep a process alive. */
export const systemClock: Clock = {
  nowMicros: () => BigInt(Date.now()) * 1000n,
  // Not performance.now, whose first call loads a module for some milliseconds.
  monotonicMs: () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1000 + nanoseconds / 1e6;
  },
  after: (delayMs, run): Timer => {
    const handle = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
  every: (intervalMs, run): Timer => {
    const handle = setInterval(run, intervalMs);
    handle.unref();
    return { cancel: () => clearInterval(handle) };
  },
};
