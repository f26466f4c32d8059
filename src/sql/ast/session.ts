import type { ObjectKind } from './ddl.ts';
import type { Expression } from './expression.ts';
import type { Identifier, QualifiedName, Span } from './identifier.ts';
import type { OptionValue } from './option.ts';
import type { Statement } from './statement.ts';
import type { TransactionModes } from './transaction.ts';
import type { TypeName } from './type-name.ts';

export type SessionStatement =
  | SetStatement
  | SetTimeZone
  | SetSessionCharacteristics
  | ResetStatement
  | ShowSetting
  | ShowObjects
  | ShowColumns
  | ShowCreate
  | DescribeStatement
  | PrepareStatement
  | ExecuteStatement
  | DeallocateStatement
  | DiscardStatement
  | MaintenanceStatement
  | UseStatement
  | DefineStatement
  | UndefineStatement
  | AddJarStatement;

/** `SET [SESSION | LOCAL] name {TO | =} value, …`, `SET 'flink.key' = 'v'`, ksqlDB's `SET 'k' = 'v'`. */
export interface SetStatement {
  readonly kind: 'set';
  readonly scope: 'session' | 'local';
  /** Dots included, quotes removed, case kept. */
  readonly name: string;
  readonly nameSpan: Span;
  /** Null for TO DEFAULT. */
  readonly values: readonly OptionValue[] | null;
  readonly span: Span;
}

/** `SET TIME ZONE 'UTC' | LOCAL | DEFAULT | INTERVAL '1' HOUR`; LOCAL and DEFAULT are null. */
export interface SetTimeZone {
  readonly kind: 'set-time-zone';
  readonly scope: 'session' | 'local';
  readonly zone: Expression | null;
  readonly span: Span;
}

/** `SET SESSION CHARACTERISTICS AS TRANSACTION …`. */
export interface SetSessionCharacteristics {
  readonly kind: 'set-session-characteristics';
  readonly modes: TransactionModes;
  readonly span: Span;
}

export interface ResetStatement {
  readonly kind: 'reset';
  /** Null for RESET ALL (and Flink's bare RESET). */
  readonly name: string | null;
  readonly span: Span;
}

/** `SHOW name` and `SHOW ALL` (null). */
export interface ShowSetting {
  readonly kind: 'show-setting';
  readonly name: string | null;
  readonly span: Span;
}

export type ShowableObjects =
  | 'jobs'
  | 'streams'
  | 'tables'
  | 'sources'
  | 'views'
  | 'materialized views'
  | 'sinks'
  | 'indexes'
  | 'functions'
  | 'schemas'
  | 'databases'
  | 'catalogs'
  | 'connections'
  | 'secrets'
  | 'subscriptions'
  | 'types'
  | 'topics'
  | 'queries'
  | 'backfills'
  | 'cursors'
  | 'checkpoints'
  | 'savepoints'
  | 'connectors'
  | 'processlist'
  | 'cluster';

/** `SHOW TABLES [FROM schema] [LIKE 'p']`. */
export interface ShowObjects {
  readonly kind: 'show-objects';
  readonly objects: ShowableObjects;
  readonly extended: boolean;
  readonly from: QualifiedName | null;
  readonly like: ShowPattern | null;
  readonly span: Span;
}

export interface ShowPattern {
  readonly kind: 'show-pattern';
  readonly operator: 'like' | 'ilike';
  readonly negated: boolean;
  readonly pattern: string;
  readonly span: Span;
}

/** `SHOW COLUMNS FROM t [LIKE 'p']`. */
export interface ShowColumns {
  readonly kind: 'show-columns';
  readonly relation: QualifiedName;
  readonly like: ShowPattern | null;
  readonly span: Span;
}

export interface ShowCreate {
  readonly kind: 'show-create';
  readonly objectKind: ObjectKind;
  readonly name: QualifiedName;
  readonly span: Span;
}

export interface DescribeStatement {
  readonly kind: 'describe';
  readonly objectKind: ObjectKind | null;
  readonly name: QualifiedName;
  readonly extended: boolean;
  readonly span: Span;
}

export interface PrepareStatement {
  readonly kind: 'prepare';
  readonly name: Identifier;
  readonly parameterTypes: readonly TypeName[];
  readonly statement: Statement;
  readonly span: Span;
}

export interface ExecuteStatement {
  readonly kind: 'execute';
  readonly name: Identifier;
  readonly parameters: readonly Expression[];
  readonly span: Span;
}

export interface DeallocateStatement {
  readonly kind: 'deallocate';
  /** Null for ALL. */
  readonly name: Identifier | null;
  readonly span: Span;
}

export interface DiscardStatement {
  readonly kind: 'discard';
  readonly target: 'all' | 'plans' | 'sequences' | 'temporary';
  readonly span: Span;
}

/** `VACUUM` and `ANALYZE`, without their options. */
export interface MaintenanceStatement {
  readonly kind: 'maintain';
  readonly command: 'vacuum' | 'analyze';
  /** Empty: all of them. */
  readonly relations: readonly MaintainedRelation[];
  readonly span: Span;
}

export interface MaintainedRelation {
  readonly kind: 'maintained-relation';
  readonly name: QualifiedName;
  readonly columns: readonly Identifier[];
  readonly span: Span;
}

/** `USE schema`, `USE CATALOG c`. */
export interface UseStatement {
  readonly kind: 'use';
  readonly catalog: boolean;
  readonly name: QualifiedName;
  readonly span: Span;
}

/** ksqlDB's `DEFINE name = 'value'`: later statements of the session write `${name}`. */
export interface DefineStatement {
  readonly kind: 'define';
  readonly name: Identifier;
  readonly value: string;
  readonly span: Span;
}

/** ksqlDB's `UNDEFINE name`. */
export interface UndefineStatement {
  readonly kind: 'undefine';
  readonly name: Identifier;
  readonly span: Span;
}

/** Flink's `ADD JAR 'path'`, which does nothing here but warn. */
export interface AddJarStatement {
  readonly kind: 'add-jar';
  readonly path: string;
  readonly span: Span;
}
