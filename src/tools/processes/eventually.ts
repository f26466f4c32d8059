import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;

/** Repeats `probe` until `accept` likes its answer; an error of the probe counts as an answer not liked. The last answer is in the message. */
export async function eventually<T>(what: string, probe: () => Promise<T>, accept: (value: T) => boolean, timeoutMs = 20_000): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let last: string;
    try {
      const value = await probe();
      if (accept(value)) return value;
      last = JSON.stringify(value);
    } catch (error) {
      last = String(error);
    }
    if (performance.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms; last: ${last}`);
    await sleep(POLL_MS);
  }
}
