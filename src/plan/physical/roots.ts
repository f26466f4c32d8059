import type { Relation } from '../../catalog/index.ts';
import type { Expression } from '../../expr/index.ts';
import type { OperatorSpec } from '../../jobgraph/index.ts';
import type { OperatorNode, PhysicalPlan } from './physical-plan.ts';

/** How a column of a source is computed, bound over the relation's columns by position; null for physical and metadata columns. */
export type ComputedColumns = readonly (Expression | null)[];

export interface SourceRootOptions {
  readonly relation: Relation;
  readonly computed: ComputedColumns;
  readonly onError: 'store' | 'fail' | 'skip';
  readonly futureSkewMicros: bigint | null;
  readonly deadLetterBytesMax: number;
}

/**
 * Root operators of jobs: what stands at the ends of a job graph and is therefore no lowering of a logical node. The built-in operators
 * implement it; the session asks for it.
 */
export interface PhysicalRoots {
  /** Reads a connector stream (all subtasks) or the embedded log (one subtask). */
  source(options: SourceRootOptions): OperatorNode;
  /** The loop an operator compiles, for EXPLAIN (CODEGEN); null for operators that compile nothing. */
  calcOf(spec: OperatorSpec): { readonly predicate: Expression | null; readonly projections: readonly Expression[] } | null;
  /** Keeps `input` readable as the relation's content. */
  materialize(input: PhysicalPlan, relation: { readonly id: string; readonly name: string }): OperatorNode;
  /** Writes `input` through a connector; `key`: upsert key positions, null for an append sink. */
  sink(
    input: PhysicalPlan,
    sink: { readonly name: string; readonly options: ReadonlyMap<string, string>; readonly key: readonly number[] | null },
  ): OperatorNode;
}
