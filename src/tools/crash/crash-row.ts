/** A row of the input topic, by its number. */
export interface CrashRow {
  readonly id: number;
  readonly k: number;
  readonly v: number;
  readonly timeMs: number;
}

const START_MS = Date.UTC(2024, 0, 1);
const STEP_MS = 100;
/** Now and then nothing comes for some seconds, so that sessions end. */
const GAP_EVERY = 60;
const GAP_MS = 5_000;
export const KEYS = 7;

export function crashRow(id: number): CrashRow {
  return { id, k: id % KEYS, v: (id * 7919) % 1000, timeMs: START_MS + id * STEP_MS + Math.floor(id / GAP_EVERY) * GAP_MS };
}

/** As it is sent. */
export function messageOf(id: number): object {
  const { timeMs, ...row } = crashRow(id);
  return { ...row, at: new Date(timeMs).toISOString().replace('T', ' ').replace('Z', '') };
}
