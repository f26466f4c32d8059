import type { Expression } from './expression.ts';
import type { FromItem } from './from-item.ts';
import type { Identifier, Span } from './identifier.ts';
import type { TableAlias } from './query.ts';
import type { OrderByItem } from './window.ts';

/** `t MATCH_RECOGNIZE (…)`, SQL:2016 row pattern recognition in the part Flink has. */
export interface MatchRecognize {
  readonly kind: 'match-recognize';
  readonly input: FromItem;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderByItem[];
  readonly measures: readonly PatternMeasure[];
  readonly rowsPerMatch: 'one' | 'all' | null;
  readonly afterMatch: AfterMatch | null;
  readonly pattern: RowPattern;
  readonly within: Expression | null;
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

export interface AfterMatch {
  readonly kind: 'after-match';
  readonly skip: 'past last row' | 'to next row' | 'to first' | 'to last';
  /** The variable of `to first` and `to last`. */
  readonly variable: Identifier | null;
  readonly span: Span;
}

export type RowPattern = PatternVariable | PatternSequence | PatternAlternation | PatternRepetition;

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
