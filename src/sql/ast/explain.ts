import type { Expression } from './expression.ts';
import type { QualifiedName, Span } from './identifier.ts';
import type { WithOption } from './option.ts';
import type { Query } from './query.ts';
import type { Statement } from './statement.ts';

/** Which stage of a statement's life EXPLAIN prints; `plan` is the default, the physical plan with its traits. */
export type ExplainStage = 'plan' | 'logical' | 'physical' | 'jobgraph' | 'codegen' | 'changelog' | 'state' | 'watermark' | 'deploy';

/** A relation that exists: `EXPLAIN STATE v`, `EXPLAIN ANALYZE MATERIALIZED VIEW v`. */
export interface ExplainedRelation {
  readonly kind: 'explained-relation';
  /** Null: not written. */
  readonly type: 'materialized view' | 'view' | 'sink' | 'stream' | 'table' | null;
  readonly name: QualifiedName;
  readonly span: Span;
}

/** `EXPLAIN ROW (v, key, …)`, `EXPLAIN ROW (v WHERE condition)`: rows of a relation whose origin is asked for. */
export interface ExplainedRow {
  readonly kind: 'explained-row';
  readonly name: QualifiedName;
  /** Empty where there is a condition. */
  readonly key: readonly Expression[];
  readonly where: Expression | null;
  readonly span: Span;
}

/** `EXPLAIN UPGRADE v TO query`: what would become of state if the view's query were that one. */
export interface ExplainedUpgrade {
  readonly kind: 'explained-upgrade';
  readonly type: ExplainedRelation['type'];
  readonly name: QualifiedName;
  readonly query: Query;
  readonly span: Span;
}

/**
 * `EXPLAIN [(ANALYZE, CODEGEN, FORMAT json …)] statement`, `EXPLAIN JOBGRAPH statement`, `EXPLAIN PLAN FOR statement`,
 * Flink's `EXPLAIN ESTIMATED_COST, CHANGELOG_MODE statement`.
 */
export interface ExplainStatement {
  readonly kind: 'explain';
  readonly stage: ExplainStage;
  readonly analyze: boolean;
  readonly verbose: boolean;
  /** Every other option, keys in lower case: `format`, `costs`, `plan_advice`, … */
  readonly options: readonly WithOption[];
  readonly target: Statement | ExplainedRelation | ExplainedRow | ExplainedUpgrade;
  readonly span: Span;
}
