import type { Expression, OperatorName } from './expression.ts';
import type { Identifier, Span } from './identifier.ts';

/** One key of ORDER BY. Null fields were not written and take PostgreSQL's defaults (ASC; NULLS LAST for ASC, FIRST for DESC). */
export interface OrderByItem {
  readonly kind: 'order-by-item';
  readonly expression: Expression;
  readonly direction: 'asc' | 'desc' | null;
  readonly nulls: 'first' | 'last' | null;
  /** `USING <`; null when absent. */
  readonly using: OperatorName | null;
  readonly span: Span;
}

/** What stands in `OVER (…)` and in `WINDOW name AS (…)`. */
export interface WindowSpecification {
  readonly kind: 'window-specification';
  /** The window this one refines: `OVER (w ORDER BY a)`. */
  readonly base: Identifier | null;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderByItem[];
  readonly frame: WindowFrame | null;
  readonly span: Span;
}

export interface WindowFrame {
  readonly kind: 'window-frame';
  /** `session` is `SESSION WITH GAP interval`, which has one bound: the gap, as `preceding`. */
  readonly unit: 'rows' | 'range' | 'groups' | 'session';
  readonly start: FrameBound;
  /** Null when the frame was written without BETWEEN: it then ends at the current row. */
  readonly end: FrameBound | null;
  readonly exclude: 'current row' | 'group' | 'ties' | 'no others' | null;
  readonly span: Span;
}

export interface FrameBound {
  readonly kind: 'frame-bound';
  readonly bound: 'unbounded preceding' | 'preceding' | 'current row' | 'following' | 'unbounded following';
  /** The distance of `preceding` and `following`; null for the others. */
  readonly offset: Expression | null;
  readonly span: Span;
}

/** `WINDOW name AS (specification)`. */
export interface NamedWindow {
  readonly kind: 'named-window';
  readonly name: Identifier;
  readonly specification: WindowSpecification;
  readonly span: Span;
}
