import type { TimeProgress } from '../logical/index.ts';
import type { StateBound } from './operator-state.ts';

const MICROS_PER_SECOND = 1_000_000;

/** Of what is forgotten by the time in its key: `what` is "a row", "a partition"; `name` the column's. */
export function timeBound({ clock, latenessMicros }: TimeProgress, what: string, name: string): StateBound {
  const slack = latenessMicros === 0n ? '' : ` + ${Number(latenessMicros) / MICROS_PER_SECOND} s`;
  return clock === 'watermark'
    ? { kind: 'time', by: 'watermark', until: `${what} goes when the watermark passes ${name}${slack}` }
    : { kind: 'time', by: 'epoch time', until: `${what} goes when the time of epochs passes ${name}${slack}` };
}

/** Why what forgets windows when they close cannot show again what it has shown. */
export const CLOSED_WINDOWS_GONE = 'closed windows are not in its state any more';
