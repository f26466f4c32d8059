import type { SqlType } from '../types/index.ts';

/** JSON-safe parameters of an operator; big integers and bytes are encoded by the operator's codec. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export type VertexId = string;
export type RelationId = string;

/** A column of an edge. */
export interface EdgeColumn {
  readonly name: string;
  readonly type: SqlType;
}

/**
 * One operator of a chain, as data. `operatorId` is a content hash of the normalised sub-plan plus a disambiguator: state is
 * restored by it, never by position. `kind` and `version` name its OperatorFactory and codec.
 */
export interface OperatorSpec {
  readonly operatorId: string;
  readonly kind: string;
  readonly version: number;
  readonly parameters: Json;
  readonly outputColumns: readonly EdgeColumn[];
  /** Whether the output may carry weights (retractions). */
  readonly outputAppendOnly: boolean;
  /** Shown by EXPLAIN: short name and facts. */
  readonly label: string;
}

/** Routing of an edge. `keys` are column positions of the sender's output. */
export type PartitionerSpec =
  | { readonly kind: 'forward' }
  | { readonly kind: 'hash'; readonly keys: readonly number[] }
  | { readonly kind: 'broadcast' }
  | { readonly kind: 'global' }
  | { readonly kind: 'rebalance' }
  | { readonly kind: 'rescale' };

/** Jobs that name no other share their slots in this one (Flink's name). */
export const DEFAULT_SLOT_SHARING_GROUP = 'default';

/** A chain: `operators[0]` is the head (it alone may have several inputs), each next one consumes the one before. */
export interface JobVertex {
  readonly id: VertexId;
  readonly operators: readonly OperatorSpec[];
  readonly inputCount: number;
  readonly parallelism: number;
  /** Its subtasks share slots with those of this group only; the same for all vertices of a job. */
  readonly slotSharingGroup: string;
}

export interface JobEdge {
  readonly from: VertexId;
  readonly to: VertexId;
  readonly toInput: number;
  readonly partitioner: PartitionerSpec;
}

/** What becomes of rows that a relation does not take: they are the rows of its late-rows or its bad-rows relation. */
export type SetAside = 'late' | 'bad';

/**
 * An input that is the changelog of another job's relation. `fields` are the paths this job reads, in the order of the
 * columns it receives; [i] is column i of the relation, [i, j] field j of that ROW column, and so on.
 */
export interface RelationInput {
  readonly relation: RelationId;
  /** Not its rows, but those that it does not take; `fields` are of their relation then. Absent: its rows. */
  readonly setAside?: SetAside;
  readonly fields: readonly (readonly number[])[];
  readonly columns: readonly EdgeColumn[];
  readonly to: VertexId;
  readonly toInput: number;
  readonly partitioner: PartitionerSpec;
  /**
   * The rows lie hashed by these columns at the producer, which is what makes `forward` right; where the producer has another parallelism they are
   * routed by them instead. Absent: any subtask may take any row.
   */
  readonly hashedBy?: readonly number[];
}

/** What a job is: chains and edges, plus the relation whose changelog its output vertex emits (null for a pure sink). */
export interface JobGraph {
  readonly jobId: string;
  readonly name: string;
  readonly kind: 'source' | 'view' | 'sink' | 'table';
  readonly maxParallelism: number;
  /** A row an operator cannot compute fails the job (on_row_error = fail); absent: it is kept in bad_rows. */
  readonly failOnRowError?: boolean;
  /** Milliseconds of epoch time for which older epochs stay readable; absent: as long as somebody reads them. */
  readonly retainHistoryMs?: number;
  /** What it shows changes as the time of epochs goes by: epochs are made although nothing arrives. */
  readonly timed?: boolean;
  /** What it shows depends on the times of the epochs that are made: it takes part in all of them, whether anything has come to it or not. */
  readonly expires?: boolean;
  readonly vertices: readonly JobVertex[];
  readonly edges: readonly JobEdge[];
  readonly inputs: readonly RelationInput[];
  readonly output: {
    readonly relation: RelationId;
    readonly vertex: VertexId;
    readonly columns: readonly EdgeColumn[];
    readonly appendOnly: boolean;
  } | null;
}
