import type { Expression } from './expression.ts';
import type { Identifier, QualifiedName, Span } from './identifier.ts';

/** A type as written in a column definition, a cast or a function signature. */
export type TypeName = NamedType | ArrayType | RowType | MapType | MultisetType;

/**
 * A type known by its name. Names of several words are one identifier in lower case with single spaces:
 * `double precision`, `character varying`, `bit varying`, `timestamp with time zone`, `timestamp without time zone`
 * (only when written out), `time with time zone`. All others keep their spelling (`INT`, `TIMESTAMP_LTZ`, `"MyType"`).
 */
export interface NamedType {
  readonly kind: 'named-type';
  readonly name: QualifiedName;
  /** The numbers in parentheses: `numeric(10, 2)`, `varchar(20)`, `timestamp(3)`. Empty when absent. */
  readonly modifiers: readonly Expression[];
  /** `INTERVAL DAY TO SECOND`; null for every other type and for a plain interval. */
  readonly intervalFields: IntervalFields | null;
  readonly span: Span;
}

/** `int[]`, `int[3]`, `int ARRAY`, `ARRAY<int>`. Several dimensions nest. */
export interface ArrayType {
  readonly kind: 'array-type';
  readonly element: TypeName;
  /** The declared length, which PostgreSQL records nowhere and checks never; null when absent. */
  readonly bound: number | null;
  /** `ARRAY<INT NOT NULL>` of Flink. */
  readonly elementNotNull: boolean;
  readonly span: Span;
}

/** `ROW<a INT, b STRING>`, `ROW(a INT)`, `STRUCT<a INT>`. */
export interface RowType {
  readonly kind: 'row-type';
  readonly fields: readonly RowTypeField[];
  readonly span: Span;
}

export interface RowTypeField {
  readonly kind: 'row-type-field';
  readonly name: Identifier;
  readonly type: TypeName;
  readonly notNull: boolean;
  /** Flink allows a description after the type; null when absent. */
  readonly comment: string | null;
  readonly span: Span;
}

/** `MAP<STRING, INT>`. */
export interface MapType {
  readonly kind: 'map-type';
  readonly key: TypeName;
  readonly value: TypeName;
  readonly span: Span;
}

/** `MULTISET<INT>`. */
export interface MultisetType {
  readonly kind: 'multiset-type';
  readonly element: TypeName;
  readonly span: Span;
}

export type IntervalUnit = 'year' | 'quarter' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond' | 'microsecond';

/** `SECOND`, `DAY TO SECOND(3)`: which fields an interval has. Plural units are read as singular. */
export interface IntervalFields {
  readonly kind: 'interval-fields';
  readonly from: IntervalUnit;
  readonly to: IntervalUnit | null;
  /** Digits of the fraction of a second, `SECOND(3)`; null when absent. */
  readonly precision: number | null;
  readonly span: Span;
}
