import type { RowModification } from './dml.ts';
import type { ColumnReference, Expression } from './expression.ts';
import type { FromItem, TypedColumn } from './from-item.ts';
import type { Identifier, QualifiedName, Span } from './identifier.ts';
import type { NamedWindow, OrderByItem } from './window.ts';

/**
 * A whole query: a body with what stands around it. The only node for "something that yields rows"; subqueries,
 * views and INSERT … SELECT all hold one. As a statement it is a `Query` too.
 */
export interface Query {
  readonly kind: 'query';
  readonly with: WithClause | null;
  readonly body: QueryBody;
  readonly orderBy: readonly OrderByItem[];
  /** The count of LIMIT or FETCH FIRST; null when absent or LIMIT ALL. */
  readonly limit: Expression | null;
  /** `FETCH FIRST n ROWS WITH TIES`. */
  readonly withTies: boolean;
  readonly offset: Expression | null;
  readonly emit: EmitClause | null;
  /** `AS OF EPOCH n`: read the state of an earlier epoch. */
  readonly asOf: AsOfClause | null;
  readonly locking: readonly LockingClause[];
  readonly span: Span;
}

/** A parenthesised query inside a set operation is a `Query` again. */
export type QueryBody = Select | SetOperation | ValuesBody | TableBody | Query;

/** The tables a statement gives names to, for itself. */
export type WithClause = CommonTablesClause | MutualRecursionClause;

export interface CommonTablesClause {
  readonly kind: 'with';
  readonly recursive: boolean;
  readonly tables: readonly CommonTable[];
  readonly span: Span;
}

/** `WITH MUTUALLY RECURSIVE`: each binding may read all of them. */
export interface MutualRecursionClause {
  readonly kind: 'with-mutually-recursive';
  readonly limit: RecursionLimit | null;
  readonly bindings: readonly RecursiveBinding[];
  readonly span: Span;
}

/** `([RETURN AT | ERROR AT] RECURSION LIMIT rounds)`; without a word it is ERROR AT. */
export interface RecursionLimit {
  readonly kind: 'recursion-limit';
  readonly atLimit: 'return' | 'error';
  readonly rounds: number;
  readonly span: Span;
}

/** `name (column type, …) AS (query)`. */
export interface RecursiveBinding {
  readonly kind: 'recursive-binding';
  readonly name: Identifier;
  readonly columns: readonly TypedColumn[];
  readonly query: Query;
  readonly span: Span;
}

/** `name (columns) AS [NOT] MATERIALIZED (query)`; what the statement beneath changes is its RETURNING to who reads the name. */
export interface CommonTable {
  readonly kind: 'common-table';
  readonly name: Identifier;
  readonly columns: readonly Identifier[];
  readonly materialized: boolean | null;
  readonly query: Query | RowModification;
  readonly span: Span;
}

export interface SetOperation {
  readonly kind: 'set-operation';
  readonly operator: 'union' | 'intersect' | 'except';
  readonly all: boolean;
  readonly left: QueryBody;
  readonly right: QueryBody;
  readonly span: Span;
}

/** `VALUES (1, 'a'), (2, 'b')`. */
export interface ValuesBody {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
  readonly span: Span;
}

/** `TABLE name`, short for SELECT * FROM name. */
export interface TableBody {
  readonly kind: 'table-body';
  readonly name: QualifiedName;
  readonly span: Span;
}

export interface Select {
  readonly kind: 'select';
  readonly hints: readonly Hint[];
  readonly distinct: DistinctClause | null;
  /** Empty for PostgreSQL's `SELECT FROM t`. */
  readonly items: readonly SelectItem[];
  /** The comma list; each element may be a tree of joins. Empty without FROM. */
  readonly from: readonly FromItem[];
  readonly where: Expression | null;
  readonly groupBy: GroupByClause | null;
  readonly having: Expression | null;
  readonly windows: readonly NamedWindow[];
  readonly qualify: Expression | null;
  /** ksqlDB's `WINDOW TUMBLING (…)`, which stands before or after WHERE. */
  readonly streamWindow: StreamWindow | null;
  /** ksqlDB's `PARTITION BY`; empty when absent. */
  readonly partitionBy: readonly Expression[];
  readonly span: Span;
}

/** `DISTINCT`, or `DISTINCT ON (a, b)` when `on` is not empty. */
export interface DistinctClause {
  readonly kind: 'distinct';
  readonly on: readonly Expression[];
  readonly span: Span;
}

/** One entry of a select list or of RETURNING; a star is an expression without alias. */
export interface SelectItem {
  readonly kind: 'select-item';
  readonly expression: Expression;
  readonly alias: Identifier | null;
  readonly span: Span;
}

export interface GroupByClause {
  readonly kind: 'group-by';
  /** `GROUP BY ALL`: every item of the list that holds no aggregate. */
  readonly all: boolean;
  /** `GROUP BY DISTINCT` removes duplicate grouping sets. */
  readonly distinct: boolean;
  readonly elements: readonly GroupingElement[];
  readonly span: Span;
}

export type GroupingElement = GroupingExpression | GroupingSets;

/** A plain key, or `(a, b)`; `()` is empty. */
export interface GroupingExpression {
  readonly kind: 'grouping-expression';
  readonly expressions: readonly Expression[];
  readonly span: Span;
}

export interface GroupingSets {
  readonly kind: 'grouping-sets';
  readonly type: 'grouping sets' | 'rollup' | 'cube';
  readonly elements: readonly GroupingElement[];
  readonly span: Span;
}

/** When a continuous query emits. `on update` and `on window close` are RisingWave's, `changes` and `final` ksqlDB's words. */
export interface EmitClause {
  readonly kind: 'emit';
  readonly mode: 'on update' | 'on window close' | 'changes' | 'final';
  readonly span: Span;
}

/** `AS OF EPOCH n` and, in SUBSCRIBE, `AS OF n`. */
export interface AsOfClause {
  readonly kind: 'as-of';
  readonly epoch: Expression;
  readonly span: Span;
}

/** `FOR UPDATE [OF t] [NOWAIT | SKIP LOCKED]`. */
export interface LockingClause {
  readonly kind: 'locking';
  readonly strength: 'update' | 'no key update' | 'share' | 'key share';
  readonly of: readonly QualifiedName[];
  readonly wait: 'block' | 'nowait' | 'skip locked';
  readonly span: Span;
}

/** `NAME('k' = 'v', other)` inside a hint comment. `foreign`: a whole comment that is not written so, as it stands there; the name is its first word. */
export interface Hint {
  readonly kind: 'hint';
  readonly foreign?: string;
  readonly name: Identifier;
  readonly arguments: readonly HintArgument[];
  readonly span: Span;
}

/** Either a pair, or a lone value with a null key. */
export interface HintArgument {
  readonly kind: 'hint-argument';
  readonly key: string | null;
  readonly value: string;
  readonly span: Span;
}

/** ksqlDB's window clause. Durations are interval literals. */
export interface StreamWindow {
  readonly kind: 'stream-window';
  readonly type: 'tumbling' | 'hopping' | 'session';
  /** The size, or the gap of a session. */
  readonly size: Expression;
  readonly advance: Expression | null;
  readonly retention: Expression | null;
  readonly grace: Expression | null;
  readonly span: Span;
}

/** `TABLE bids PARTITION BY k ORDER BY t` as an argument of a table function. */
export interface TableArgument {
  readonly kind: 'table-argument';
  readonly source: QualifiedName | Query;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderByItem[];
  readonly span: Span;
}

/**
 * TUMBLE, HOP, CUMULATE or SESSION in FROM, in any of its spellings (positional, named, with or without TABLE(…),
 * TABLE and DESCRIPTOR): one shape for all of them. Parameters the function does not have are null.
 */
export interface WindowTableFunction {
  readonly kind: 'window-table-function';
  readonly function: 'tumble' | 'hop' | 'cumulate' | 'session';
  readonly input: TableArgument;
  readonly timeColumn: ColumnReference;
  readonly size: Expression | null;
  /** HOP: distance between two window starts. */
  readonly slide: Expression | null;
  /** CUMULATE: growth of the window. */
  readonly step: Expression | null;
  /** SESSION: idle time that ends it. */
  readonly gap: Expression | null;
  readonly offset: Expression | null;
  readonly lateral: boolean;
  readonly alias: TableAlias | null;
  readonly span: Span;
}

/** `AS t (a, b)`. */
export interface TableAlias {
  readonly kind: 'table-alias';
  readonly name: Identifier;
  readonly columns: readonly Identifier[];
  readonly span: Span;
}
