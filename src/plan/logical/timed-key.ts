import type { Field } from './logical-plan.ts';
import type { TimeProgress } from './time-progress.ts';

/** A key that follows a clock: rows that share it come and go within a stretch of time. */
export interface TimedKey {
  /** Its place among the keys. */
  readonly key: number;
  readonly progress: TimeProgress;
}

/** Of some keys the one that follows a clock most closely, null where none does; `progressOf` knows the clock of each. */
export function closestKey(keys: readonly Pick<Field, 'type'>[], progressOf: (key: number) => TimeProgress | null): TimedKey | null {
  let best: TimedKey | null = null;
  for (const [key, { type }] of keys.entries()) {
    if (type.kind !== 'timestamp' && type.kind !== 'timestamptz') continue;
    const progress = progressOf(key);
    if (progress !== null && (best === null || progress.latenessMicros < best.progress.latenessMicros)) best = { key, progress };
  }
  return best;
}
