import type { Expression } from './expression.ts';
import type { FromItem } from './from-item.ts';
import type { Identifier, Span } from './identifier.ts';
import type { TableAlias } from './query.ts';
import type { OrderByItem } from './window.ts';

/** `t MATCH_RECOGNIZE (…)`, SQL:2016 row pattern recognition. */
export interface MatchRecognize {
  readonly kind: 'match-recognize';
  readonly input: FromItem;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderByItem[];
  readonly measures: readonly PatternMeasure[];
  readonly rowsPerMatch: 'one' | 'all' | 'all show empty' | 'all omit empty' | 'all with unmatched' | null;
  readonly afterMatch: AfterMatch | null;
  readonly pattern: RowPattern;
  readonly within: Expression | null;
  readonly subsets: readonly PatternSubset[];
  readonly definitions: readonly PatternDefinition[];
  readonly alias: TableAlias | null;
  readonly span: Span;
}

export interface PatternMeasure {
  readonly kind: 'pattern-measure';
  readonly expression: Expression;
  readonly name: Identifier;
  readonly span: Span;
}

export interface PatternDefinition {
  readonly kind: 'pattern-definition';
  readonly name: Identifier;
  readonly condition: Expression;
  readonly span: Span;
}

/** `SUBSET u = (a, b)`: a name for the rows of several variables. */
export interface PatternSubset {
  readonly kind: 'pattern-subset';
  readonly name: Identifier;
  readonly members: readonly Identifier[];
  readonly span: Span;
}

export interface AfterMatch {
  readonly kind: 'after-match';
  readonly skip: 'past last row' | 'to next row' | 'to first' | 'to last' | 'to';
  /** The variable of `to first`, `to last` and `to`, which means the last. */
  readonly variable: Identifier | null;
  readonly span: Span;
}

export type RowPattern =
  | PatternVariable
  | PatternSequence
  | PatternAlternation
  | PatternRepetition
  | PatternPermutation
  | PatternExclusion
  | PatternAnchor
  | PatternEmpty;

export interface PatternVariable {
  readonly kind: 'pattern-variable';
  readonly name: Identifier;
  readonly span: Span;
}

export interface PatternSequence {
  readonly kind: 'pattern-sequence';
  readonly parts: readonly RowPattern[];
  readonly span: Span;
}

export interface PatternAlternation {
  readonly kind: 'pattern-alternation';
  readonly parts: readonly RowPattern[];
  readonly span: Span;
}

/** `A+`, `A*?`, `A{2,5}`. */
export interface PatternRepetition {
  readonly kind: 'pattern-repetition';
  readonly pattern: RowPattern;
  readonly minimum: number;
  /** Null: without end. */
  readonly maximum: number | null;
  readonly greedy: boolean;
  readonly span: Span;
}

/** `PERMUTE(a, b)`: the parts in any order. */
export interface PatternPermutation {
  readonly kind: 'pattern-permutation';
  readonly parts: readonly RowPattern[];
  readonly span: Span;
}

/** `{- a -}`: matched, but not shown by ALL ROWS PER MATCH. */
export interface PatternExclusion {
  readonly kind: 'pattern-exclusion';
  readonly pattern: RowPattern;
  readonly span: Span;
}

/** `^` and `$`: the first and the last row of the partition. */
export interface PatternAnchor {
  readonly kind: 'pattern-anchor';
  readonly at: 'start' | 'end';
  readonly span: Span;
}

/** `()`. */
export interface PatternEmpty {
  readonly kind: 'pattern-empty';
  readonly span: Span;
}
