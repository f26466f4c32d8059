import type { StateBound } from './operator-state.ts';
import type { OperatorNode } from './physical-plan.ts';

const UNITS: readonly (readonly [ms: number, name: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
];

/** A ttl as people write it: `36 h`, as STATE_TTL takes it. */
export function ttlDuration(ttlMs: number): string {
  for (const [ms, name] of UNITS) if (ttlMs % ms === 0) return `${ttlMs / ms} ${name}`;
  return `${ttlMs} ms`;
}

/** Of what is forgotten when it has not been touched for a ttl: `what` is "a row", "a group". */
export function ttlBound(what: string, ttlMs: number): StateBound {
  return { kind: 'time', by: 'TTL', until: `${what} goes ${ttlDuration(ttlMs)} after it was touched last` };
}

/** Behind an operator's label; nothing without a ttl. */
export function ttlText(ttlMs: number | null): string {
  return ttlMs === null ? '' : ` · TTL ${ttlDuration(ttlMs)}`;
}

/** Why what forgets by a ttl cannot show again what it has shown. */
export const FORGOTTEN_BY_TTL = 'what its ttl has let go is not in its state any more';

/** What a ttl changes about an operator: it forgets by epoch time, so that rows of any age may leave, and the answer is not that of all rows. */
export function ttlTraits(ttlMs: number): Pick<OperatorNode, 'timed' | 'window' | 'eventTimes' | 'cannotShow' | 'warning'> {
  return {
    timed: true,
    window: null,
    cannotShow: FORGOTTEN_BY_TTL,
    eventTimes: [],
    warning: {
      message: `with a state ttl of ${ttlDuration(ttlMs)} the result is no longer that of the query over all rows: what is not touched for so long is forgotten`,
      hint: 'Bound the state by time where it can be: windows, times of both sides in ON, WHERE time > now() - INTERVAL.',
    },
  };
}
