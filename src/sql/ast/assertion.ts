import type { TableElement } from './column.ts';
import type { Expression, FunctionCall } from './expression.ts';
import type { Identifier, QualifiedName, Span } from './identifier.ts';
import type { WithOption } from './option.ts';
import type { Query } from './query.ts';

/** The statements of SQL test files (sql-tests/README.md). */
export type TestStatement =
  | AssertContents
  | AssertValues
  | AssertNullValues
  | AssertDefinition
  | AssertTopic
  | AssertEmpty
  | AssertEquivalent
  | AdvanceWatermark
  | AdvanceClock
  | CrashStatement
  | RestoreStatement;

/** `ASSERT ROWS | CHANGES | OUTPUT v = (VALUES …)`: what a relation holds, what changed, what left a sink. */
export interface AssertContents {
  readonly kind: 'assert-contents';
  readonly what: 'rows' | 'changes' | 'output';
  readonly relation: AssertedRelation;
  readonly expected: Query;
  readonly span: Span;
}

/** A relation by name, a table function such as late_rows('s'), or a query in parentheses. */
export type AssertedRelation = QualifiedName | FunctionCall | Query;

/** ksqlDB's `ASSERT VALUES s (a, b) VALUES (1, 'x')`: rows that the relation took or gave since the last such assertion. */
export interface AssertValues {
  readonly kind: 'assert-values';
  readonly relation: QualifiedName;
  readonly columns: readonly Identifier[];
  readonly expected: Query;
  readonly span: Span;
}

/** ksqlDB's `ASSERT NULL VALUES t (k) KEY (1)`: the row of that key went away. */
export interface AssertNullValues {
  readonly kind: 'assert-null-values';
  readonly relation: QualifiedName;
  readonly columns: readonly Identifier[];
  readonly key: readonly Expression[];
  readonly span: Span;
}

/** ksqlDB's `ASSERT STREAM | TABLE x (a INT) WITH (…)`: what a relation is made of. Without columns or options these are not compared. */
export interface AssertDefinition {
  readonly kind: 'assert-definition';
  readonly what: 'stream' | 'table';
  readonly relation: QualifiedName;
  readonly elements: readonly TableElement[];
  readonly options: readonly WithOption[];
  readonly span: Span;
}

/** ksqlDB's `ASSERT [NOT EXISTS] TOPIC t [WITH (partitions = 3)]`. */
export interface AssertTopic {
  readonly kind: 'assert-topic';
  readonly topic: string;
  readonly absent: boolean;
  readonly options: readonly WithOption[];
  readonly span: Span;
}

export interface AssertEmpty {
  readonly kind: 'assert-empty';
  readonly relation: AssertedRelation;
  readonly span: Span;
}

/** `ASSERT EQUIVALENT v [SHUFFLE n] [DUPLICATE] [LATE]`. */
export interface AssertEquivalent {
  readonly kind: 'assert-equivalent';
  readonly relation: QualifiedName;
  readonly shuffleSeed: number | null;
  readonly duplicate: boolean;
  readonly late: boolean;
  readonly span: Span;
}

/** `ADVANCE WATERMARK stream TO timestamp`. */
export interface AdvanceWatermark {
  readonly kind: 'advance-watermark';
  readonly stream: QualifiedName;
  readonly to: Expression;
  readonly span: Span;
}

/** `ADVANCE CLOCK TO timestamp` or `BY interval`. */
export interface AdvanceClock {
  readonly kind: 'advance-clock';
  readonly mode: 'to' | 'by';
  readonly value: Expression;
  readonly span: Span;
}

/** `CRASH [AT step]`. */
export interface CrashStatement {
  readonly kind: 'crash';
  readonly at: Expression | Identifier | null;
  readonly span: Span;
}

/** `RESTORE [PARALLELISM n]`. */
export interface RestoreStatement {
  readonly kind: 'restore';
  readonly parallelism: number | null;
  readonly span: Span;
}
