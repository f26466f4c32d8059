import type { Clock, Timer } from '../clock.ts';

/** The machine's clock. Timers of `every` do not keep a process alive. */
export const systemClock: Clock = {
  nowMicros: () => BigInt(Date.now()) * 1000n,
  monotonicMs: () => performance.now(),
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
