import type { Datum, SqlType } from '../types/index.ts';

export interface WindowBound {
  readonly kind: 'unbounded-preceding' | 'preceding' | 'current-row' | 'following' | 'unbounded-following';
  /** A constant; rows or groups as a number, a distance for RANGE. Null where the kind has none. */
  readonly offset: { readonly value: Datum | null; readonly type: SqlType } | null;
}

export interface WindowFrame {
  /** `session`: the rows linked with this one by steps of at most the offset, which both bounds have. */
  readonly unit: 'rows' | 'range' | 'groups' | 'session';
  readonly start: WindowBound;
  readonly end: WindowBound;
  readonly exclude: 'no-others' | 'current-row' | 'group' | 'ties';
}

/** `f(…) OVER (…)` without the rows: what it computes and over which frame. */
export interface WindowCall {
  /** Name of a window function, or the signature of an aggregate. */
  readonly function: { readonly kind: 'window'; readonly name: string } | { readonly kind: 'aggregate'; readonly signature: string };
  readonly argumentTypes: readonly SqlType[];
  /** The first sort key, which RANGE measures; null without ORDER BY. */
  readonly order: { readonly type: SqlType; readonly descending: boolean; readonly nullsFirst: boolean } | null;
  readonly frame: WindowFrame;
  readonly type: SqlType;
}

/** What a call reads of a partition's rows, by position in the order. */
export interface PartitionValues {
  argument(index: number, row: number): Datum | null;
  /** FILTER. */
  passes(row: number): boolean;
  /** The first sort key. */
  order(row: number): Datum | null;
}
