import type { Expression } from '../expr/index.ts';
import type { AggregateOverRows } from '../spi/index.ts';
import type { SqlType } from '../types/index.ts';

/** A pattern over variables, which are numbers here. Closed family. */
export type PatternNode =
  | { readonly kind: 'variable'; readonly variable: number }
  /** Without parts: the empty pattern. */
  | { readonly kind: 'sequence'; readonly parts: readonly PatternNode[] }
  /** The first is preferred. */
  | { readonly kind: 'alternation'; readonly parts: readonly PatternNode[] }
  /** `maximum` null: without end. Greedy prefers more rounds. */
  | {
      readonly kind: 'repetition';
      readonly pattern: PatternNode;
      readonly minimum: number;
      readonly maximum: number | null;
      readonly greedy: boolean;
    }
  /** All orders of the parts; the order as written is preferred, then in lexicographic order. */
  | { readonly kind: 'permutation'; readonly parts: readonly PatternNode[] }
  /** Rows in it are matched but not shown. */
  | { readonly kind: 'exclusion'; readonly pattern: PatternNode }
  | { readonly kind: 'anchor'; readonly at: 'start' | 'end' };

/**
 * What a condition or a measure reads of a match. A symbol is a variable (0 …), a subset (behind the variables) or, last, every row. `final`: of the
 * whole match, not only up to the row at hand. Expressions in it are over an input row with one more column behind it: the name of the row's variable.
 */
export type PatternReference =
  | {
      readonly kind: 'row-value';
      readonly symbol: number;
      readonly final: boolean;
      /** The row: number `offset` of the symbol's rows from that end … */
      readonly from: 'first' | 'last';
      readonly offset: number;
      /** … and then so many rows on in the partition: negative for PREV, positive for NEXT. */
      readonly shift: number;
      readonly value: Expression;
      readonly type: SqlType;
    }
  | { readonly kind: 'aggregate'; readonly symbol: number; readonly final: boolean; readonly call: AggregateOverRows; readonly type: SqlType }
  | { readonly kind: 'match-number'; readonly type: SqlType };

/** Where the search for the next match begins. */
export type SkipTarget =
  | { readonly kind: 'past-last-row' }
  | { readonly kind: 'to-next-row' }
  | { readonly kind: 'to-first' | 'to-last'; readonly symbol: number };

/** Which rows come out: one a match, or the rows of the match with or without those of empty matches, or with what no match holds. */
export type ShownRows = 'one' | 'all-show-empty' | 'all-omit-empty' | 'all-with-unmatched';

/**
 * MATCH_RECOGNIZE without its input, as plain data. Conditions and measures are over a row of: the input's columns, the variable's name, then one column a
 * reference; they read the last ones only.
 */
export interface Recognition {
  readonly variables: readonly string[];
  readonly subsets: readonly { readonly name: string; readonly members: readonly number[] }[];
  readonly pattern: PatternNode;
  readonly references: readonly PatternReference[];
  /** A variable without a condition takes any row. */
  readonly definitions: readonly { readonly variable: number; readonly condition: Expression }[];
  readonly measures: readonly { readonly name: string; readonly expression: Expression }[];
  readonly shown: ShownRows;
  readonly skip: SkipTarget;
  /** A match is shorter than this in the first ordering column; null: as long as it takes. */
  readonly withinMicros: bigint | null;
}

/** A column the rows of a partition are ordered by. */
export interface RowOrderColumn {
  readonly column: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** The symbol that means every row of the match. */
export function universalSymbol(recognition: Recognition): number {
  return recognition.variables.length + recognition.subsets.length;
}
