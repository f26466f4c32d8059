import type { Expression, FunctionCall } from './expression.ts';
import type { Identifier, QualifiedName, Span } from './identifier.ts';
import type { MatchRecognize } from './match-recognize.ts';
import type { Hint, Query, TableAlias, WindowTableFunction } from './query.ts';
import type { TypeName } from './type-name.ts';

/** What may stand in FROM. */
export type FromItem = TableReference | DerivedTable | TableFunction | WindowTableFunction | Join | MatchRecognize;

export interface TableReference {
  readonly kind: 'table-reference';
  readonly name: QualifiedName;
  /** `ONLY t`, which has no meaning without inheritance but is in many generated queries. */
  readonly only: boolean;
  readonly alias: TableAlias | null;
  /** `FOR SYSTEM_TIME AS OF expression`: the version a temporal or lookup join reads. */
  readonly systemTime: Expression | null;
  readonly sample: TableSample | null;
  readonly hints: readonly Hint[];
  readonly span: Span;
}

export interface TableSample {
  readonly kind: 'table-sample';
  readonly method: QualifiedName;
  readonly arguments: readonly Expression[];
  readonly repeatable: Expression | null;
  readonly span: Span;
}

/** `(SELECT …) AS t (a, b)`, also for `(VALUES …)`. */
export interface DerivedTable {
  readonly kind: 'derived-table';
  readonly query: Query;
  readonly lateral: boolean;
  readonly alias: TableAlias | null;
  readonly span: Span;
}

/** `generate_series(1, 3) WITH ORDINALITY AS t (n, i)`, `UNNEST(a)`, `LATERAL TABLE(f(x))`; several calls for ROWS FROM. */
export interface TableFunction {
  readonly kind: 'table-function';
  readonly calls: readonly FunctionCall[];
  readonly lateral: boolean;
  readonly withOrdinality: boolean;
  readonly alias: TableAlias | null;
  /** `AS t (a int, b text)` for functions that return records; empty when absent. */
  readonly columns: readonly TypedColumn[];
  readonly span: Span;
}

/** A column with its type, where a query gives both: `t (a int, b text)`. */
export interface TypedColumn {
  readonly kind: 'typed-column';
  readonly name: Identifier;
  readonly type: TypeName;
  readonly span: Span;
}

export interface Join {
  readonly kind: 'join';
  readonly type: 'inner' | 'left' | 'right' | 'full' | 'cross';
  readonly natural: boolean;
  /** `ASOF JOIN`: the latest matching row of the right side only. */
  readonly asOf: boolean;
  readonly left: FromItem;
  readonly right: FromItem;
  readonly on: Expression | null;
  /** The columns of USING; empty when absent. */
  readonly using: readonly Identifier[];
  readonly usingAlias: Identifier | null;
  /** Feldera's `MATCH_CONDITION (…)`; null when absent. */
  readonly matchCondition: Expression | null;
  /** ksqlDB's `WITHIN 1 HOURS GRACE PERIOD 5 MINUTES`; null when absent. */
  readonly within: JoinWithin | null;
  /** An alias of the whole: `(a JOIN b ON …) AS j`. */
  readonly alias: TableAlias | null;
  readonly span: Span;
}

/** How far apart in time the two rows may be; `after` equals `before` when one number was written. */
export interface JoinWithin {
  readonly kind: 'join-within';
  readonly before: Expression;
  readonly after: Expression;
  readonly grace: Expression | null;
  readonly span: Span;
}
