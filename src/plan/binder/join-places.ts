import type { FromItem, Join } from '../../sql/index.ts';

/** Why rows of an item of FROM cannot be at each subtask of its join; null: they can. */
export type BroadcastRefusal = string | null;

/**
 * For each item of FROM whether a join with it can have all of its rows at each subtask: not where they are in the result by themselves, as each subtask would
 * show them, and not where a join looks one of them up.
 */
export class JoinPlaces {
  readonly #refusals = new Map<string, BroadcastRefusal>();

  /** `joinedOutside`: what stands around the SELECT may join it, as EXISTS and IN do. */
  constructor(from: readonly FromItem[], { joinedOutside }: { readonly joinedOutside: boolean }) {
    const whole = from.length > 1 || joinedOutside ? null : 'nothing is joined with it';
    for (const item of from) this.#visit(item, whole);
  }

  refusal(item: FromItem): BroadcastRefusal {
    return this.#refusals.get(placeOf(item)) ?? null;
  }

  #visit(item: FromItem, refusal: BroadcastRefusal): void {
    this.#refusals.set(placeOf(item), refusal);
    if (item.kind === 'match-recognize') this.#visit(item.input, 'MATCH_RECOGNIZE reads its rows');
    if (item.kind !== 'join') return;
    const timed = timedRefusal(item);
    this.#visit(item.left, timed ?? shownRefusal(item, 'left'));
    this.#visit(item.right, timed ?? shownRefusal(item, 'right'));
  }
}

/** Binding makes other items of some, at the same place. */
function placeOf({ span }: FromItem): string {
  return `${span.start} ${span.end}`;
}

function timedRefusal({ asOf, right }: Join): BroadcastRefusal {
  const lookedUp = asOf || (right.kind === 'table-reference' && right.systemTime !== null) || right.kind === 'table-function';
  return lookedUp ? 'its join finds one row for each row of the left side' : null;
}

function shownRefusal({ type }: Join, side: 'left' | 'right'): BroadcastRefusal {
  if (type !== 'full' && type !== side) return null;
  return `a ${type.toUpperCase()} JOIN shows rows of it by themselves, which each subtask would do`;
}
