import type { EdgeColumn } from '../../jobgraph/index.ts';

/**
 * What ends the growth of something an operator keeps.
 *
 * `fixed`: no more entries than a constant. `time`: an entry goes when a clock has passed it. `keys`: an entry for each different key, however many rows
 * there are. `content`: as many entries as an input has rows, which is as much as the input's own content grows. `result`: the rows of the relation the
 * job is there to keep.
 */
export type StateBound =
  | { readonly kind: 'fixed'; readonly by: string }
  | { readonly kind: 'time'; readonly by: 'watermark' | 'window' | 'within' | 'now' | 'epoch time' | 'TTL'; readonly until: string }
  | { readonly kind: 'keys' }
  | { readonly kind: 'content'; readonly input: number; readonly remedy: string }
  | { readonly kind: 'result' };

/** One thing an operator remembers between epochs. */
export interface KeptState {
  /** "a row of each group", "rows of the left side": what EXPLAIN STATE says. */
  readonly what: string;
  /** What entries are found by; empty: there is one, or they are found by all of `columns`. */
  readonly key: readonly EdgeColumn[];
  /** What an entry holds beside its key. */
  readonly columns: readonly EdgeColumn[];
  readonly bound: StateBound;
}

/**
 * How an operator's output, taken as a relation, grows: `input` as the inputs together, `keys` a row for each key, `fixed` up to a constant, `time` rows
 * leave by themselves, `endless` as long as rows arrive.
 */
export type ContentGrowth = 'input' | 'keys' | 'fixed' | 'time' | 'endless';

/** What an operator says of its memory when it is planned; nothing else in the plan knows. */
export interface OperatorState {
  readonly kept: readonly KeptState[];
  readonly content: ContentGrowth;
}

/** Of operators that forget every row they have passed on. */
export const STATELESS: OperatorState = { kept: [], content: 'input' };
