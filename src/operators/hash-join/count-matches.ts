import type { Batch } from '../../batch/index.ts';
import type { JoinedPairs } from './join-pairs.ts';
import type { JoinSide } from './join-side.ts';
import type { Matches } from './matches.ts';

interface Counted {
  readonly rows: Batch;
  readonly matches: Matches;
  readonly pairs: JoinedPairs;
}

/** Adds the stored rows to the matches of those probing rows that have not been counted. */
export function countForProbing(own: JoinSide, counted: Counted & { readonly slots: Int32Array; readonly uncounted: Uint8Array }): void {
  const { rows, matches, pairs, slots, uncounted } = counted;
  for (let at = 0; at < pairs.joined.rowCount; at++) {
    const pair = pairs.selection === null ? at : pairs.selection[at]!;
    const row = matches.rows[pair]!;
    if (uncounted[row] === 0) continue;
    const weight = rows.weights === null ? 1 : rows.weights[row]!;
    own.addMatches(slots[row]!, matches.weights[pair]! / weight);
  }
}

/** Adds the probing rows to the matches of the stored ones. */
export function countForStored(other: JoinSide, { rows, matches, pairs }: Counted): void {
  for (let at = 0; at < pairs.joined.rowCount; at++) {
    const pair = pairs.selection === null ? at : pairs.selection[at]!;
    other.addMatches(matches.slots[pair]!, rows.weights === null ? 1 : rows.weights[matches.rows[pair]!]!);
  }
}
