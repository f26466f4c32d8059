import type { Clock } from '../../../base/index.ts';

const FIRST_PAUSE_MS = 50;
const PAUSE_MS_MAX = 500;

/** Resolves after `delayMs` on the given clock. */
export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.after(delayMs, resolve));
}

/** How long to wait before attempt number `attempt` (the first retry is 1): 50 ms doubled up to half a second. */
export function backoffMs(attempt: number): number {
  return Math.min(PAUSE_MS_MAX, FIRST_PAUSE_MS * 2 ** Math.min(attempt - 1, 10));
}

/**
 * Repeats `action` while it fails with an error that may pass, until `timeoutMs` is over; then the last error is thrown.
 */
export async function retrying<T>(
  options: { readonly clock: Clock; readonly timeoutMs: number; readonly mayPass: (error: unknown) => boolean },
  action: (attempt: number) => Promise<T>,
): Promise<T> {
  const deadlineMs = options.clock.monotonicMs() + options.timeoutMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return await action(attempt);
    } catch (error) {
      const waitMs = backoffMs(attempt);
      if (!options.mayPass(error) || options.clock.monotonicMs() + waitMs > deadlineMs) throw error;
      await pause(options.clock, waitMs);
    }
  }
}
