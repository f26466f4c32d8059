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
  /** Of late rows and of bad rows, each, in a subtask. */
  readonly deadLetters: { readonly bytesMax: number; readonly ageMaxMs: number };
}

/** Where a changelog is written. */
export interface SinkTarget {
  readonly name: string;
  readonly options: ReadonlyMap<string, string>;
  /** Upsert key, or what messages have for a key where rows are only added; null for a sink without one. */
  readonly key: readonly number[] | null;
  /** The query only adds rows, and each is a record whatever its key. */
  readonly appends: boolean;
  /** Rows that come and rows that go are written both, instead of the newest row of each key. */
  readonly changes: boolean;
  /** One subtask writes everything. */
  readonly oneWriter: boolean;
}

/** A relation whose content is kept. */
export interface MaterializedTarget {
  readonly id: string;
  readonly name: string;
  /** The input is changes by this key, not a net of rows: the newest row of each key counts. */
  readonly upsertKey?: readonly number[];
  /** The input only adds rows, and they go this long after they came. */
  readonly retentionMs?: number;
}

/** The rows that a one-time read cannot do without. */
export interface NeededRowsTarget {
  /** True for them, or impossible to compute; it depends on the row alone. Null: all are needed. */
  readonly predicate: Expression | null;
  /** So many of them are enough, whichever they are: where rows are only added, what the job reads is read no further then. Null: all are wanted. */
  readonly enough: number | null;
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
  /** What a one-time read needs of `input`. */
  neededRows(input: PhysicalPlan, needed: NeededRowsTarget): OperatorNode;
  /** Keeps `input` readable as the relation's content. */
  materialize(input: PhysicalPlan, relation: MaterializedTarget): OperatorNode;
  /** Writes `input` through a connector. */
  sink(input: PhysicalPlan, sink: SinkTarget): OperatorNode;
}
