import type { Random } from '../../base/index.ts';

const FIRST_MS = 1_000;
const FACTOR = 1.5;
const DELAY_MS_MAX = 60_000;
const JITTER = 0.1;

/** Exponential delay before the n-th restart (1, 2, 3 …): 1 s, times 1.5 each, at most 60 s, 10 % jitter either way. */
export function restartDelayMs(restarts: number, random: Random): number {
  const delay = Math.min(DELAY_MS_MAX, FIRST_MS * FACTOR ** (restarts - 1));
  return delay * (1 + JITTER * (2 * random.nextFloat() - 1));
}
