import type { Identifier, QualifiedName, Span } from './identifier.ts';
import type { Query, TableArgument } from './query.ts';
import type { IntervalFields, TypeName } from './type-name.ts';
import type { OrderByItem, WindowSpecification } from './window.ts';

/** Every scalar expression. A closed family: handle it with an exhaustive switch. */
export type Expression =
  | StringLiteral
  | BitStringLiteral
  | NumberLiteral
  | BooleanLiteral
  | NullLiteral
  | TypedLiteral
  | IntervalLiteral
  | Parameter
  | ColumnReference
  | StarExpression
  | FieldStar
  | UnaryExpression
  | BinaryExpression
  | LogicalExpression
  | NotExpression
  | IsTest
  | IsDistinctFrom
  | BetweenExpression
  | InListExpression
  | InSubqueryExpression
  | LikeExpression
  | QuantifiedComparison
  | ExistsExpression
  | ScalarSubquery
  | ArraySubquery
  | CaseExpression
  | CastExpression
  | CollateExpression
  | AtTimeZoneExpression
  | ArrayConstructor
  | RowConstructor
  | StructConstructor
  | MapConstructor
  | SubscriptExpression
  | SliceExpression
  | FieldAccess
  | FunctionCall
  | JsonPathCall
  | JsonConstructor
  | MatchSemantics
  | CurrentValue
  | LambdaExpression
  | TableArgument
  | DescriptorArgument
  | DefaultValue;

/** 'text', E'…', U&'…', $tag$…$tag$ and adjacent strings: `value` is what the string means, escapes undone. */
export interface StringLiteral {
  readonly kind: 'string-literal';
  readonly value: string;
  readonly span: Span;
}

/** B'0101' and X'1F'. */
export interface BitStringLiteral {
  readonly kind: 'bit-string-literal';
  readonly base: 'binary' | 'hexadecimal';
  readonly digits: string;
  readonly span: Span;
}

/** A number exactly as written (`1_000`, `0x1F`, `1e5`, `.5`): no digit is lost before the binder gives it a type. */
export interface NumberLiteral {
  readonly kind: 'number-literal';
  readonly text: string;
  readonly span: Span;
}

export interface BooleanLiteral {
  readonly kind: 'boolean-literal';
  readonly value: boolean;
  readonly span: Span;
}

export interface NullLiteral {
  readonly kind: 'null-literal';
  readonly span: Span;
}

/** `DATE '2024-01-01'`, `TIMESTAMP(3) '…'`, `float8 '1.5'`: a type in front of a string. Intervals have their own node. */
export interface TypedLiteral {
  readonly kind: 'typed-literal';
  readonly type: TypeName;
  readonly value: string;
  /** The string: where its errors stand. */
  readonly valueSpan: Span;
  readonly span: Span;
}

/** `INTERVAL '4 seconds'`, `INTERVAL '4' SECOND`, `INTERVAL 1 HOUR`, `INTERVAL(3) '1.5'`. */
export interface IntervalLiteral {
  readonly kind: 'interval-literal';
  readonly value: string;
  readonly fields: IntervalFields | null;
  /** `INTERVAL(3) '…'`; null when absent. A precision inside the fields stays there. */
  readonly precision: number | null;
  readonly span: Span;
}

/** `$1`; the index counts from 1. */
export interface Parameter {
  readonly kind: 'parameter';
  readonly index: number;
  readonly span: Span;
}

/** `a`, `t.a`, `schema.t.a`, `t.a.field`: the binder decides where the table ends and the path into the value begins. */
export interface ColumnReference {
  readonly kind: 'column-reference';
  readonly name: readonly Identifier[];
  readonly span: Span;
}

/** `*` and `t.*`, legal in select lists, row constructors and RETURNING. `except` is `* EXCLUDE (c)`. */
export interface StarExpression {
  readonly kind: 'star';
  readonly qualifier: readonly Identifier[];
  readonly except: readonly Identifier[];
  readonly span: Span;
}

/** `(expression).*`. */
export interface FieldStar {
  readonly kind: 'field-star';
  readonly operand: Expression;
  readonly span: Span;
}

/** An operator symbol, with its schema when written `OPERATOR(pg_catalog.~)`. */
export interface OperatorName {
  readonly kind: 'operator-name';
  readonly schema: readonly Identifier[];
  /** `+`, `||`, `->>`, `<>` (`!=` is read as `<>`, as PostgreSQL does). */
  readonly symbol: string;
  readonly span: Span;
}

/** Prefix `-`, `+`, `~`, `@`, … */
export interface UnaryExpression {
  readonly kind: 'unary';
  readonly operator: OperatorName;
  readonly operand: Expression;
  readonly span: Span;
}

/** Every infix operator symbol: arithmetic, comparison, `||`, `->`, regular expressions. */
export interface BinaryExpression {
  readonly kind: 'binary';
  readonly operator: OperatorName;
  readonly left: Expression;
  readonly right: Expression;
  readonly span: Span;
}

/** A chain of AND or of OR, at least two operands, flat from the left as PostgreSQL's BoolExpr. */
export interface LogicalExpression {
  readonly kind: 'logical';
  readonly operator: 'and' | 'or';
  readonly operands: readonly Expression[];
  readonly span: Span;
}

export interface NotExpression {
  readonly kind: 'not';
  readonly operand: Expression;
  readonly span: Span;
}

/** `IS [NOT] NULL | TRUE | FALSE | UNKNOWN`, `ISNULL`, `NOTNULL`, `IS [NOT] JSON [VALUE | OBJECT | ARRAY | SCALAR] [WITH UNIQUE KEYS]`. */
export interface IsTest {
  readonly kind: 'is-test';
  readonly operand: Expression;
  readonly test: 'null' | 'true' | 'false' | 'unknown' | JsonTest;
  readonly negated: boolean;
  readonly span: Span;
}

export type JsonTest = `json${'' | ' value' | ' object' | ' array' | ' scalar'}${'' | ' with unique keys'}`;

/** `a IS [NOT] DISTINCT FROM b`. */
export interface IsDistinctFrom {
  readonly kind: 'is-distinct-from';
  readonly left: Expression;
  readonly right: Expression;
  readonly negated: boolean;
  readonly operatorSpan: Span;
  readonly span: Span;
}

export interface BetweenExpression {
  readonly kind: 'between';
  readonly operand: Expression;
  readonly low: Expression;
  readonly high: Expression;
  readonly symmetric: boolean;
  readonly negated: boolean;
  readonly operatorSpan: Span;
  readonly span: Span;
}

export interface InListExpression {
  readonly kind: 'in-list';
  readonly operand: Expression;
  readonly list: readonly Expression[];
  readonly negated: boolean;
  readonly operatorSpan: Span;
  readonly span: Span;
}

export interface InSubqueryExpression {
  readonly kind: 'in-subquery';
  readonly operand: Expression;
  readonly query: Query;
  readonly negated: boolean;
  readonly operatorSpan: Span;
  readonly span: Span;
}

/** `LIKE`, `ILIKE` and `SIMILAR TO`, with ESCAPE. The operators `~~` and friends are binary expressions. */
export interface LikeExpression {
  readonly kind: 'like';
  readonly operator: 'like' | 'ilike' | 'similar-to';
  readonly operand: Expression;
  readonly pattern: Expression;
  readonly escape: Expression | null;
  readonly negated: boolean;
  readonly operatorSpan: Span;
  readonly span: Span;
}

/** `left operator ANY (array or subquery)`; SOME is ANY. A subquery is a query node, an array an expression. */
export interface QuantifiedComparison {
  readonly kind: 'quantified-comparison';
  readonly left: Expression;
  readonly operator: OperatorName | LikeOperatorName;
  readonly quantifier: 'any' | 'all';
  readonly right: Expression | Query;
  readonly span: Span;
}

/** `a LIKE ANY (…)`: LIKE in the place of an operator symbol. */
export interface LikeOperatorName {
  readonly kind: 'like-operator-name';
  readonly operator: 'like' | 'ilike';
  readonly negated: boolean;
  readonly span: Span;
}

export interface ExistsExpression {
  readonly kind: 'exists';
  readonly query: Query;
  readonly span: Span;
}

export interface ScalarSubquery {
  readonly kind: 'scalar-subquery';
  readonly query: Query;
  readonly span: Span;
}

/** `ARRAY(SELECT …)`. */
export interface ArraySubquery {
  readonly kind: 'array-subquery';
  readonly query: Query;
  readonly span: Span;
}

export interface CaseExpression {
  readonly kind: 'case';
  /** `CASE operand WHEN …`; null for the searched form. */
  readonly operand: Expression | null;
  readonly branches: readonly CaseBranch[];
  readonly otherwise: Expression | null;
  readonly span: Span;
}

export interface CaseBranch {
  readonly kind: 'case-branch';
  readonly condition: Expression;
  readonly result: Expression;
  readonly span: Span;
}

/** `CAST(a AS t)`, `a::t`; `TRY_CAST` gives NULL in the place of an error. */
export interface CastExpression {
  readonly kind: 'cast';
  readonly operand: Expression;
  readonly type: TypeName;
  readonly onError: 'fail' | 'null';
  readonly span: Span;
}

export interface CollateExpression {
  readonly kind: 'collate';
  readonly operand: Expression;
  readonly collation: QualifiedName;
  readonly span: Span;
}

/** `a AT TIME ZONE zone`; `AT LOCAL` has a null zone. */
export interface AtTimeZoneExpression {
  readonly kind: 'at-time-zone';
  readonly operand: Expression;
  readonly zone: Expression | null;
  readonly span: Span;
}

/** `ARRAY[1, 2]`; nested brackets `[[1], [2]]` are nested constructors. */
export interface ArrayConstructor {
  readonly kind: 'array';
  readonly elements: readonly Expression[];
  readonly span: Span;
}

/** `ROW(a, b)` (explicit) and `(a, b)`. */
export interface RowConstructor {
  readonly kind: 'row';
  readonly fields: readonly Expression[];
  readonly explicit: boolean;
  readonly span: Span;
}

/** `STRUCT(x := 1)` of ksqlDB. */
export interface StructConstructor {
  readonly kind: 'struct';
  readonly fields: readonly StructField[];
  readonly span: Span;
}

export interface StructField {
  readonly kind: 'struct-field';
  readonly name: Identifier;
  readonly value: Expression;
  readonly span: Span;
}

/** `MAP['k', 1]` of Flink and `MAP('k' := 1)` of ksqlDB. */
export interface MapConstructor {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
  readonly span: Span;
}

export interface MapEntry {
  readonly kind: 'map-entry';
  readonly key: Expression;
  readonly value: Expression;
  readonly span: Span;
}

export interface SubscriptExpression {
  readonly kind: 'subscript';
  readonly operand: Expression;
  readonly index: Expression;
  readonly span: Span;
}

export interface SliceExpression {
  readonly kind: 'slice';
  readonly operand: Expression;
  readonly low: Expression | null;
  readonly high: Expression | null;
  readonly span: Span;
}

/** `(expression).field`, `f(x).field`, `a[1].field`. A plain `a.b.c` is one column reference. */
export interface FieldAccess {
  readonly kind: 'field-access';
  readonly operand: Expression;
  readonly field: Identifier;
  readonly span: Span;
}

/**
 * A call of a function, an aggregate or a window function.
 *
 * SQL's special call syntaxes are read as PostgreSQL reads them: `EXTRACT(f FROM x)` is `pg_catalog.extract('f', x)`,
 * `SUBSTRING(x FROM a FOR b)` is `pg_catalog.substring(x, a, b)`, `POSITION(a IN b)` is `pg_catalog.position(b, a)`,
 * `OVERLAY(x PLACING y FROM a FOR b)` is `pg_catalog.overlay(x, y, a, b)`, `TRIM(BOTH c FROM x)` is `pg_catalog.btrim(x, c)`
 * (ltrim, rtrim likewise) and `(a, b) OVERLAPS (c, d)` is `pg_catalog.overlaps(a, b, c, d)`.
 * COALESCE, NULLIF, GREATEST, LEAST and GROUPING are calls by their unqualified names.
 */
export interface FunctionCall {
  readonly kind: 'function-call';
  readonly name: QualifiedName;
  readonly arguments: readonly FunctionArgument[];
  /** `count(*)`: no arguments but a star. */
  readonly star: boolean;
  readonly distinct: boolean;
  /** The last argument is an array spread over the variadic parameter. */
  readonly variadic: boolean;
  /** `string_agg(a, ',' ORDER BY b)`. */
  readonly orderBy: readonly OrderByItem[];
  /** `WITHIN GROUP (ORDER BY a)`; null when absent. */
  readonly withinGroup: readonly OrderByItem[] | null;
  readonly filter: Expression | null;
  readonly nullTreatment: 'respect' | 'ignore' | null;
  /** `OVER (…)` or the name of a window in the WINDOW clause; null when absent. */
  readonly over: WindowSpecification | Identifier | null;
  readonly span: Span;
}

/** `JSON_VALUE(document, path PASSING … RETURNING … ON EMPTY … ON ERROR)`, JSON_QUERY and JSON_EXISTS. */
export interface JsonPathCall {
  readonly kind: 'json-path-call';
  readonly function: 'json_value' | 'json_query' | 'json_exists';
  readonly document: JsonInput;
  readonly path: Expression;
  readonly passing: readonly JsonPassing[];
  readonly returning: TypeName | null;
  /** Of JSON_QUERY; null when absent. */
  readonly wrapper: 'without' | 'conditional' | 'unconditional' | null;
  readonly quotes: 'keep' | 'omit' | null;
  readonly onEmpty: JsonBehaviour | null;
  readonly onError: JsonBehaviour | null;
  readonly span: Span;
}

/** A value with FORMAT JSON behind it is a JSON text and no string. */
export interface JsonInput {
  readonly kind: 'json-input';
  readonly value: Expression;
  readonly formatJson: boolean;
  readonly span: Span;
}

export interface JsonPassing {
  readonly kind: 'json-passing';
  readonly value: JsonInput;
  readonly name: Identifier;
  readonly span: Span;
}

/** What stands in front of ON EMPTY and ON ERROR. */
export interface JsonBehaviour {
  readonly kind: 'json-behaviour';
  readonly behaviour: 'error' | 'null' | 'true' | 'false' | 'unknown' | 'empty array' | 'empty object' | 'default';
  /** Behind DEFAULT; null otherwise. */
  readonly value: Expression | null;
  readonly span: Span;
}

/** What makes JSON: JSON_OBJECT, JSON_ARRAY, their aggregates, JSON, JSON_SCALAR and JSON_SERIALIZE. */
export interface JsonConstructor {
  readonly kind: 'json-constructor';
  readonly function: 'json_object' | 'json_array' | 'json_objectagg' | 'json_arrayagg' | 'json' | 'json_scalar' | 'json_serialize';
  /** Members of an object have keys, elements of an array have none; the single argument of the other functions is an element. */
  readonly members: readonly JsonMember[];
  /** `JSON_ARRAY(SELECT …)`; null otherwise. */
  readonly query: Query | null;
  readonly onNull: 'null' | 'absent' | null;
  readonly uniqueKeys: boolean;
  readonly returning: TypeName | null;
  /** Of the aggregates. */
  readonly orderBy: readonly OrderByItem[];
  readonly filter: Expression | null;
  readonly over: WindowSpecification | Identifier | null;
  readonly span: Span;
}

export interface JsonMember {
  readonly kind: 'json-member';
  readonly key: Expression | null;
  readonly value: JsonInput;
  readonly span: Span;
}

/** `FINAL LAST(a.price)` in MEASURES: over the whole match; RUNNING: up to the row at hand. */
export interface MatchSemantics {
  readonly kind: 'match-semantics';
  readonly semantics: 'final' | 'running';
  /** A function call; anything else is refused by the binder. */
  readonly operand: Expression;
  readonly span: Span;
}

/**
 * One argument, with its name when written `name => value`. A lambda of one parameter (`x => x + 1`) has the same
 * spelling and is read as a named argument; a function that declares a lambda parameter reads it as such.
 */
export interface FunctionArgument {
  readonly kind: 'function-argument';
  readonly name: Identifier | null;
  readonly value: Expression;
  readonly span: Span;
}

/** CURRENT_DATE and the other functions that SQL calls without parentheses. */
export interface CurrentValue {
  readonly kind: 'current-value';
  readonly name:
    | 'current_date'
    | 'current_time'
    | 'current_timestamp'
    | 'localtime'
    | 'localtimestamp'
    | 'current_user'
    | 'session_user'
    | 'user'
    | 'current_role'
    | 'system_user'
    | 'current_catalog'
    | 'current_schema';
  readonly precision: number | null;
  readonly span: Span;
}

/** `(x, y) => x + y`. */
export interface LambdaExpression {
  readonly kind: 'lambda';
  readonly parameters: readonly Identifier[];
  readonly body: Expression;
  readonly span: Span;
}

/** `DESCRIPTOR(ts)`: names a column to a table function. */
export interface DescriptorArgument {
  readonly kind: 'descriptor';
  readonly columns: readonly Identifier[];
  readonly span: Span;
}

/** DEFAULT, legal in VALUES of an INSERT and on the right of SET. */
export interface DefaultValue {
  readonly kind: 'default-value';
  readonly span: Span;
}
