import type { Relation } from '../../catalog/index.ts';
import type { EdgeColumn, Json, PartitionerSpec, SetAside } from '../../jobgraph/index.ts';
import type { OperatorState } from './operator-state.ts';

/**
 * Where rows of a plan lie: `hash` by these columns in this order (canonical key hash, so the same rows meet wherever the same columns are
 * hashed), `single` all in subtask 0, `any` nothing known.
 */
export type Distribution = { readonly kind: 'any' } | { readonly kind: 'hash'; readonly keys: readonly number[] } | { readonly kind: 'single' };

/** Positions of the window columns a window-assign below has added, as far as they are still in the output. */
export interface WindowColumns {
  readonly start: number | null;
  readonly end: number | null;
  readonly time: number | null;
}

/** What is known of a plan's output; rules and lowerings ask these, never the kind of the node. */
export interface PhysicalTraits {
  readonly columns: readonly EdgeColumn[];
  readonly appendOnly: boolean;
  /** An epoch's change is net: no two of its rows are equal, so that none cancel out. Never true of what merely passes on another job's rows. */
  readonly net: boolean;
  readonly distribution: Distribution;
  readonly uniqueKeys: readonly (readonly number[])[];
  readonly window: WindowColumns | null;
  /** Rows arrive under a watermark; the largest declared lateness below. Null: no event time. */
  readonly latenessMicros: bigint | null;
  /** Columns whose values in every change yet to come are NULL or not below watermark - lateness. Absent: none is known. */
  readonly eventTimes?: readonly number[];
}

/** The changelog of another job's relation; `paths` as in RelationInput.fields. */
export interface RelationNode extends PhysicalTraits {
  readonly kind: 'relation';
  readonly relation: Relation;
  /** Of the rows that the relation does not take; `paths` are of their columns. */
  readonly setAside?: SetAside;
  readonly paths: readonly (readonly number[])[];
  /** How its rows come to whoever would take them where they lie; absent: there. Its distribution says where they are then. */
  readonly routing?: PartitionerSpec;
}

export interface PhysicalInput {
  readonly plan: PhysicalPlan;
  readonly partitioner: PartitionerSpec;
}

/** A chosen operator with its parameters, as they go into the OperatorSpec. */
export interface OperatorNode extends PhysicalTraits {
  readonly kind: 'operator';
  readonly operator: { readonly kind: string; readonly version: number; readonly parameters: Json; readonly label: string };
  readonly inputs: readonly PhysicalInput[];
  readonly state: OperatorState;
  readonly parallelism: 'all' | 'one';
  /** How many nodes of the plan before it compute the same and show it under other names; each has an id, and so state, of its own. Absent: none. */
  readonly twin?: number;
  /** What it emits depends on the time of epochs, not only on its input. */
  readonly timed?: boolean;
  /** It forgets rows as the time of epochs goes by, whenever one is made. */
  readonly expires?: boolean;
  /** All that it has shown it can show again from its state alone, so what is behind it may be replaced without building it anew. */
  readonly showsAgain?: boolean;
  /** Where it cannot: what that would take and its state does not have, for people. Absent: nothing is known of it. */
  readonly cannotShow?: string;
  /** What whoever creates the query should know about the work it makes. */
  readonly warning?: PlanWarning;
}

export interface PlanWarning {
  readonly message: string;
  readonly hint: string;
}

export type PhysicalPlan = RelationNode | OperatorNode;
