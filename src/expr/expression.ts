import type { Datum, SqlType } from '../types/index.ts';

/**
 * A bound, typed expression over one input row (columns by position). Closed family; plain data, so that it travels in
 * an OperatorSpec (see expression-json for the bigint-safe form). `span` is the source range in the statement, for errors.
 */
export type Expression =
  | LiteralExpression
  | ColumnExpression
  | CallExpression
  | LambdaCallExpression
  | CastExpression
  | LogicalExpression
  | IsNullExpression
  | CaseExpression
  | CoalesceExpression
  | InListExpression
  | RowExpression
  | FieldExpression
  | ParameterExpression
  | OuterColumnExpression
  | SubqueryExpression;

export interface Span {
  readonly start: number;
  readonly end: number;
}

interface ExpressionBase {
  readonly type: SqlType;
  readonly span?: Span | undefined;
}

export interface LiteralExpression extends ExpressionBase {
  readonly kind: 'literal';
  readonly value: Datum | null;
}

/** Column `index` of the input row (for a join: left columns first, then right). */
export interface ColumnExpression extends ExpressionBase {
  readonly kind: 'column';
  readonly index: number;
  readonly name: string;
}

/** A function or operator call; `signature` is the FunctionDefinition's exact signature, for instance `int8 + int8 -> int8`. */
export interface CallExpression extends ExpressionBase {
  readonly kind: 'call';
  readonly signature: string;
  readonly args: readonly Expression[];
}

/**
 * A call of a function that takes lambdas, which come behind the plain arguments. The body of a lambda is an expression over a row of its own: the
 * parameters, then the values of `captured`, which are taken from the row of the call. Like a subquery's plan a body is no operand.
 */
export interface LambdaCallExpression extends ExpressionBase {
  readonly kind: 'lambda-call';
  readonly signature: string;
  readonly args: readonly Expression[];
  readonly captured: readonly Expression[];
  readonly lambdas: readonly Lambda[];
}

export interface Lambda {
  /** Names of the parameters, for EXPLAIN. */
  readonly parameters: readonly string[];
  readonly body: Expression;
}

/** Conversion by the type pair's cast function; `mode` says which rules applied, `try` yields NULL on failure. */
export interface CastExpression extends ExpressionBase {
  readonly kind: 'cast';
  readonly input: Expression;
  readonly mode: 'implicit' | 'assignment' | 'explicit' | 'try';
}

/** Three-valued AND, OR (n-ary, short-circuit from left to right) and NOT (one argument). */
export interface LogicalExpression extends ExpressionBase {
  readonly kind: 'logical';
  readonly operator: 'and' | 'or' | 'not';
  readonly args: readonly Expression[];
}

/** `negated`: IS NOT NULL. For rows PostgreSQL's rule: all fields null, or all fields not null. */
export interface IsNullExpression extends ExpressionBase {
  readonly kind: 'is-null';
  readonly input: Expression;
  readonly negated: boolean;
}

/** Searched CASE; a simple CASE is bound to equality conditions. Branches are evaluated lazily. */
export interface CaseExpression extends ExpressionBase {
  readonly kind: 'case';
  readonly branches: readonly { readonly condition: Expression; readonly result: Expression }[];
  readonly otherwise: Expression | null;
}

export interface CoalesceExpression extends ExpressionBase {
  readonly kind: 'coalesce';
  readonly args: readonly Expression[];
}

/** `input IN (items)`; `equals` is the signature of the equality operator of the common type. */
export interface InListExpression extends ExpressionBase {
  readonly kind: 'in-list';
  readonly input: Expression;
  readonly items: readonly Expression[];
  readonly equals: string;
  readonly negated: boolean;
}

/** ROW(…), ARRAY[…] or MAP[…], by `type.kind`; of a map the arguments are keys and values in turn. */
export interface RowExpression extends ExpressionBase {
  readonly kind: 'construct';
  readonly args: readonly Expression[];
  /** The row of a table: it is compared as one value, not field by field. */
  readonly whole?: true;
}

/** `(input).field` of a row value, by position. */
export interface FieldExpression extends ExpressionBase {
  readonly kind: 'field';
  readonly input: Expression;
  readonly index: number;
}

/** $n of a prepared statement, zero-based; replaced by a literal before planning for execution. */
export interface ParameterExpression extends ExpressionBase {
  readonly kind: 'parameter';
  readonly index: number;
}

/** A column of the row `depth` (>= 1) queries outside; only inside subqueries, never reaches an operator. */
export interface OuterColumnExpression extends ExpressionBase {
  readonly kind: 'outer-column';
  readonly depth: number;
  readonly index: number;
  readonly name: string;
}

/**
 * A subquery; `plan` is a LogicalPlan, opaque here because expressions lie below plans. `scalar` yields its one column of at most one
 * row; `exists` a boolean; `any` and `all` compare `inputs` with the columns of each row, in turn by the operators `signatures`, and where there are several ask whether all are
 * equal, NULLs taken as AND takes them (PostgreSQL, "Row-wise Comparison"); `array` collects.
 */
export interface SubqueryExpression extends ExpressionBase {
  readonly kind: 'subquery';
  readonly form: 'scalar' | 'exists' | 'any' | 'all' | 'array';
  readonly plan: object;
  /** None but of `any` and `all`. */
  readonly inputs: readonly Expression[];
  /** As many as inputs; several are equalities. */
  readonly signatures: readonly string[];
  readonly negated: boolean;
}
