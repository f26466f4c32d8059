import { Batch, type Column, ColumnBuilder } from '../../batch/index.ts';
import type { SqlType } from '../../types/index.ts';
import { PRESENT_BEFORE, PRESENT_NOW } from './epoch-counts.ts';
import type { JoinSide } from './join-side.ts';
import type { KeyTotals } from './key-totals.ts';

/** Which rows of an input have a match, as the epoch began and now. */
export interface MatchStatus {
  /** Touches the input's rows whose status has changed. */
  touch(): void;
  /** The bits of a presence for each slot. */
  statusOf(slots: Int32Array): Uint8Array;
}

/** Without residual every row of the other input with the key is a match. */
export function statusByKey(own: JoinSide, other: KeyTotals): MatchStatus {
  return {
    touch: () => {
      const { keys, count } = other.flippedKeys();
      if (count > 0) own.touchKeys(keys, count);
    },
    statusOf: (slots) => other.presenceOf(own.keysOf(slots), slots.length),
  };
}

/** With a residual each row has its own number of matches. */
export function statusByRow(own: JoinSide): MatchStatus {
  return { touch: () => undefined, statusOf: (slots) => Uint8Array.from(slots, (slot) => own.matches.presence(slot)) };
}

/** The rows of an input that are in the output by themselves: those with a match (semi join) or those without (anti and outer joins). */
export class ShownRows {
  readonly #own: JoinSide;
  readonly #status: MatchStatus;
  readonly #matched: boolean;

  constructor(own: JoinSide, status: MatchStatus, matched: boolean) {
    this.#own = own;
    this.#status = status;
    this.#matched = matched;
  }

  /** What the epoch has changed, net; null for nothing. */
  changes(): Batch | null {
    this.#status.touch();
    const slots = this.#own.touchedSlots();
    if (slots.length === 0) return null;
    const status = this.#status.statusOf(slots);
    const shownBefore = this.#matched ? PRESENT_BEFORE : 0;
    const shownNow = this.#matched ? PRESENT_NOW : 0;
    const { counts } = this.#own;
    const weights = new Int32Array(slots.length);
    let changed = 0;
    for (let at = 0; at < slots.length; at++) {
      const slot = slots[at]!;
      const before = (status[at]! & PRESENT_BEFORE) === shownBefore ? counts.before(slot) : 0;
      const now = (status[at]! & PRESENT_NOW) === shownNow ? counts.now(slot) : 0;
      if (now === before) continue;
      slots[changed] = slot;
      weights[changed++] = now - before;
    }
    if (changed === 0) return null;
    return new Batch(changed, this.#own.columnsOf(slots.slice(0, changed)), weights);
  }
}

/** Columns of NULLs, for the side a row has no match on. */
export function nullColumns(types: readonly SqlType[], count: number): Column[] {
  return types.map((type) => {
    const builder = new ColumnBuilder(type, count);
    for (let row = 0; row < count; row++) builder.appendNull();
    return builder.finish();
  });
}
