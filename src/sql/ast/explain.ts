import type { Span } from './identifier.ts';
import type { WithOption } from './option.ts';
import type { Statement } from './statement.ts';

/** Which stage of a statement's life EXPLAIN prints; `plan` is the default, the physical plan with its traits. */
export type ExplainStage = 'plan' | 'logical' | 'physical' | 'jobgraph' | 'codegen' | 'state' | 'watermark' | 'deploy';

/**
 * `EXPLAIN [(ANALYZE, CODEGEN, FORMAT json …)] statement`, `EXPLAIN JOBGRAPH statement`, `EXPLAIN PLAN FOR statement`,
 * Flink's `EXPLAIN ESTIMATED_COST, CHANGELOG_MODE statement`.
 */
export interface ExplainStatement {
  readonly kind: 'explain';
  readonly stage: ExplainStage;
  readonly analyze: boolean;
  readonly verbose: boolean;
  /** Every other option, keys in lower case: `format`, `costs`, `changelog_mode`, … */
  readonly options: readonly WithOption[];
  readonly statement: Statement;
  readonly span: Span;
}
