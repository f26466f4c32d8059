import type { LikeElement, TableElement } from './column.ts';
import type { Expression } from './expression.ts';
import type { Identifier, QualifiedName, Span } from './identifier.ts';
import type { FormatClause, IncludeClause, WithOption } from './option.ts';
import type { Query } from './query.ts';
import type { TypeName } from './type-name.ts';
import type { OrderByItem } from './window.ts';

export type DataDefinitionStatement =
  | CreateStream
  | CreateTable
  | CreateSource
  | CreateView
  | CreateMaterializedView
  | CreateSink
  | CreateIndex
  | CreateFunction
  | CreateSchema
  | CreateSecret
  | CreateConnection
  | CreateSubscription
  | CreateType
  | DropStatement
  | DropFunction
  | CommentOn;

interface CreateBase {
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly name: QualifiedName;
  readonly span: Span;
}

/** TEMPORARY or UNLOGGED in front of what is created. */
export interface NotKept {
  readonly kind: 'not-kept';
  readonly unlogged: boolean;
  readonly span: Span;
}

/** What becomes of a temporary table at the end of each transaction; PRESERVE ROWS: nothing. */
export interface OnCommit {
  readonly kind: 'on-commit';
  readonly action: 'preserve rows' | 'delete rows' | 'drop';
  readonly span: Span;
}

/** The shape the three relations with columns share. */
export interface CreateRelation extends CreateBase {
  readonly temporary: NotKept | null;
  /** Empty when the statement has no column list. */
  readonly elements: readonly TableElement[];
  readonly options: readonly WithOption[];
  readonly format: FormatClause | null;
  readonly includes: readonly IncludeClause[];
  /** Flink's LIKE behind the options; null when absent. */
  readonly like: LikeElement | null;
  readonly comment: string | null;
  readonly distribution: DistributionClause | null;
  readonly partitionedBy: readonly Identifier[];
  readonly appendOnly: boolean;
  /** Null: not said. */
  readonly onCommit: OnCommit | null;
  /** CREATE … AS SELECT; null when absent. */
  readonly query: Query | null;
}

export interface CreateStream extends CreateRelation {
  readonly kind: 'create-stream';
  /** ksqlDB's `CREATE SOURCE STREAM`: read only. */
  readonly source: boolean;
}

export interface CreateTable extends CreateRelation {
  readonly kind: 'create-table';
  readonly source: boolean;
}

export interface CreateSource extends CreateRelation {
  readonly kind: 'create-source';
}

/** `DISTRIBUTED BY [HASH | RANGE] (x) INTO 4 BUCKETS`. */
export interface DistributionClause {
  readonly kind: 'distribution';
  readonly method: 'hash' | 'range' | null;
  readonly columns: readonly Identifier[];
  readonly buckets: number | null;
  readonly span: Span;
}

export interface CreateView extends CreateBase {
  readonly kind: 'create-view';
  readonly temporary: NotKept | null;
  readonly columns: readonly Identifier[];
  readonly comment: string | null;
  readonly options: readonly WithOption[];
  readonly query: Query;
}

/** Also Flink's CREATE MATERIALIZED TABLE, whose FRESHNESS and REFRESH_MODE become the options `freshness` and `refresh_mode`. */
export interface CreateMaterializedView extends CreateBase {
  readonly kind: 'create-materialized-view';
  readonly columns: readonly Identifier[];
  readonly comment: string | null;
  readonly options: readonly WithOption[];
  readonly query: Query;
  /** False for WITH NO DATA. */
  readonly withData: boolean;
}

/** `CREATE SINK k [INTO t] {FROM view | AS query} [WITH (…)] [FORMAT …]`. */
export interface CreateSink extends CreateBase {
  readonly kind: 'create-sink';
  readonly into: QualifiedName | null;
  /** Columns of the target of INTO; empty when absent. */
  readonly columns: readonly Identifier[];
  /** A relation's name for FROM, a query for AS. */
  readonly source: QualifiedName | Query;
  readonly options: readonly WithOption[];
  readonly format: FormatClause | null;
}

export interface CreateIndex {
  readonly kind: 'create-index';
  readonly unique: boolean;
  readonly concurrently: boolean;
  readonly ifNotExists: boolean;
  /** Null: PostgreSQL derives a name. */
  readonly name: QualifiedName | null;
  readonly table: QualifiedName;
  /** The access method of USING; null when absent. */
  readonly method: Identifier | null;
  readonly keys: readonly OrderByItem[];
  readonly include: readonly Identifier[];
  readonly distributedBy: readonly Expression[];
  readonly options: readonly WithOption[];
  readonly where: Expression | null;
  readonly span: Span;
}

export interface CreateFunction extends CreateBase {
  readonly kind: 'create-function';
  readonly temporary: NotKept | null;
  readonly aggregate: boolean;
  readonly parameters: readonly FunctionParameter[];
  readonly returns: TypeName | null;
  readonly returnsSet: boolean;
  /** `RETURNS TABLE (x INT)`; empty when absent. */
  readonly returnsTable: readonly FunctionParameter[];
  readonly language: string | null;
  /** The text of AS: a body, or the class name of Flink. */
  readonly body: string | null;
  /** SQL-standard `RETURN expression`. */
  readonly returnExpression: Expression | null;
  readonly volatility: 'immutable' | 'stable' | 'volatile' | null;
  readonly strict: boolean;
  readonly options: readonly WithOption[];
  /** `USING JAR 'path'`; null when absent. */
  readonly jar: string | null;
}

export interface FunctionParameter {
  readonly kind: 'function-parameter';
  readonly mode: 'in' | 'out' | 'inout' | 'variadic';
  readonly name: Identifier | null;
  readonly type: TypeName;
  readonly defaultValue: Expression | null;
  readonly span: Span;
}

export interface CreateSchema {
  readonly kind: 'create-schema';
  readonly ifNotExists: boolean;
  readonly name: QualifiedName;
  /** True for Flink's CREATE DATABASE. */
  readonly database: boolean;
  readonly span: Span;
}

export interface CreateSecret extends CreateBase {
  readonly kind: 'create-secret';
  readonly options: readonly WithOption[];
  readonly value: Expression | null;
}

export interface CreateConnection extends CreateBase {
  readonly kind: 'create-connection';
  readonly options: readonly WithOption[];
}

export interface CreateSubscription extends CreateBase {
  readonly kind: 'create-subscription';
  readonly source: QualifiedName;
  readonly options: readonly WithOption[];
}

/** `CREATE TYPE a AS STRUCT<…>` or `AS (a int, …)`. */
export interface CreateType extends CreateBase {
  readonly kind: 'create-type';
  readonly type: TypeName;
}

/** The kinds of objects DROP, ALTER, COMMENT and SHOW CREATE name. */
export type ObjectKind =
  | 'stream'
  | 'table'
  | 'source'
  | 'view'
  | 'materialized view'
  | 'sink'
  | 'index'
  | 'function'
  | 'aggregate'
  | 'schema'
  | 'secret'
  | 'connection'
  | 'subscription'
  | 'type'
  | 'database'
  | 'column'
  | 'role';

export interface DropStatement {
  readonly kind: 'drop';
  readonly objectKind: Exclude<ObjectKind, 'function' | 'aggregate' | 'column'>;
  readonly ifExists: boolean;
  readonly temporary: boolean;
  readonly names: readonly QualifiedName[];
  readonly behavior: 'cascade' | 'restrict' | null;
  /** ksqlDB's DELETE TOPIC. */
  readonly deleteTopic: boolean;
  readonly span: Span;
}

export interface DropFunction {
  readonly kind: 'drop-function';
  readonly aggregate: boolean;
  readonly ifExists: boolean;
  readonly temporary: boolean;
  readonly functions: readonly FunctionSignature[];
  readonly behavior: 'cascade' | 'restrict' | null;
  readonly span: Span;
}

/** A function with the types of its arguments; null when no parentheses were written. */
export interface FunctionSignature {
  readonly kind: 'function-signature';
  readonly name: QualifiedName;
  readonly arguments: readonly TypeName[] | null;
  readonly span: Span;
}

export interface CommentOn {
  readonly kind: 'comment-on';
  readonly objectKind: ObjectKind;
  /** For a column: the relation's name with the column behind it. */
  readonly name: QualifiedName;
  /** Null for IS NULL, which removes the comment. */
  readonly text: string | null;
  readonly span: Span;
}
