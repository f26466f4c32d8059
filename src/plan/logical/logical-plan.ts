import type { Relation } from '../../catalog/index.ts';
import type { Expression } from '../../expr/index.ts';
import type { Recognition, RowOrderColumn } from '../../pattern/index.ts';
import type { LookupRetry } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';

/** A column of a node's output. */
export interface Field {
  readonly name: string;
  readonly type: SqlType;
}

/**
 * Relational algebra, no placement. Closed family: handle it with an exhaustive switch. Expressions refer to input columns by
 * position (join: left fields, then right fields). Immutable. Every node's output columns are in `fields`.
 */
export type LogicalPlan =
  | ScanPlan
  | ValuesPlan
  | TableFunctionPlan
  | FilterPlan
  | ProjectPlan
  | WindowAssignPlan
  | AggregatePlan
  | JoinPlan
  | AsOfJoinPlan
  | SetOperationPlan
  | DistinctPlan
  | OverPlan
  | MatchRecognizePlan
  | SortPlan
  | LimitPlan
  | RecursionPlan
  | MutualRecursionPlan
  | RecursiveScanPlan;

interface PlanBase {
  readonly fields: readonly Field[];
}

/** Rows of a relation. `paths[i]` is what output column i reads: [c] column c, [c, f] field f of its ROW value, and so on. */
export interface ScanPlan extends PlanBase {
  readonly kind: 'scan';
  readonly relation: Relation;
  /** `late` and `bad` are the relation's late-rows and bad-rows relations. */
  readonly variant: 'rows' | 'late' | 'bad';
  readonly paths: readonly (readonly number[])[];
  /** What operators of a continuous query keep of these rows goes when it has not been touched for so long. 0 or absent: it stays. */
  readonly stateTtlMs?: number;
  /** Of a table of another system, where keys without a row are looked up again. */
  readonly lookupRetry?: LookupRetry;
  /** How rows come to the subtasks of a continuous query; absent: where they lie, or as operators need them. */
  readonly partitioning?: ScanPartitioning;
  /** One of the scans of what all goes to each subtask of the join that reads it. */
  readonly broadcast?: { readonly id: string; readonly scans: number };
}

/** `columns` are those of the relation, by their index. */
export type ScanPartitioning = { readonly kind: 'rebalance' | 'rescale' | 'global' } | { readonly kind: 'hash'; readonly columns: readonly number[] };

export interface ValuesPlan extends PlanBase {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
}

/** A set-returning function in FROM; args may hold outer columns (LATERAL). Ordinality adds a last int8 column. */
export interface TableFunctionPlan extends PlanBase {
  readonly kind: 'table-function';
  readonly name: string;
  readonly args: readonly Expression[];
  readonly ordinality: boolean;
}

export interface FilterPlan extends PlanBase {
  readonly kind: 'filter';
  readonly input: LogicalPlan;
  readonly predicate: Expression;
}

export interface ProjectPlan extends PlanBase {
  readonly kind: 'project';
  readonly input: LogicalPlan;
  readonly expressions: readonly Expression[];
}

/** Window sizes in microseconds (months are refused). `offsetMicros` shifts the grid. */
export type WindowShape =
  | { readonly kind: 'tumble'; readonly sizeMicros: bigint; readonly offsetMicros: bigint }
  | { readonly kind: 'hop'; readonly slideMicros: bigint; readonly sizeMicros: bigint; readonly offsetMicros: bigint }
  | { readonly kind: 'cumulate'; readonly stepMicros: bigint; readonly sizeMicros: bigint; readonly offsetMicros: bigint }
  | { readonly kind: 'session'; readonly gapMicros: bigint; readonly partitionBy: readonly number[] };

/** Appends window_start, window_end, window_time (same type as the time column) to the input's fields. */
export interface WindowAssignPlan extends PlanBase {
  readonly kind: 'window-assign';
  readonly input: LogicalPlan;
  readonly window: WindowShape;
  readonly timeColumn: number;
}

export interface AggregateCall {
  /** AggregateDefinition signature. */
  readonly signature: string;
  readonly name: string;
  readonly args: readonly Expression[];
  readonly distinct: boolean;
  readonly filter: Expression | null;
  readonly orderBy: readonly SortKey[];
  readonly type: SqlType;
}

/** Output: one column for each GROUP BY expression, then one for each call. No GROUP BY: exactly one row. */
export interface AggregatePlan extends PlanBase {
  readonly kind: 'aggregate';
  readonly input: LogicalPlan;
  readonly groupBy: readonly Expression[];
  /** Positions in groupBy of each grouping set; one set with all of them when there is no GROUPING SETS. */
  readonly groupingSets: readonly (readonly number[])[];
  readonly calls: readonly AggregateCall[];
  /** Equal rows may be combined before they are sent to where their group is: the calls only count them. Said by a rule. */
  readonly local?: true;
  /** Different values are found by key and value first, and aggregated by key then. Said by a rule. */
  readonly splitDistinct?: true;
  /** What DISTINCT or UNION says: the keys are all there is of a row. With EMIT ON WINDOW CLOSE it shows its rows at once. */
  readonly wholeRows?: true;
}

/**
 * `semi` and `anti` give the left row alone, when some or no right row meets the condition. `single` is a left join for scalar subqueries: a left row
 * that more than one right row meets is an error of that row (21000).
 */
export type JoinType = 'inner' | 'left' | 'right' | 'full' | 'cross' | 'semi' | 'anti' | 'single';

/**
 * `lateral`: the right side may hold outer columns of depth 1 that mean the left row. `x NOT IN (SELECT y …)` is an anti join on
 * `coalesce(x = y, true)`: a comparison with NULL counts as a match there.
 */
export interface JoinPlan extends PlanBase {
  readonly kind: 'join';
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly joinType: JoinType;
  readonly condition: Expression | null;
  readonly lateral: boolean;
}

/** Which right row of its key a left row is joined with, by a time of each. Both are of one kind of type; NULL matches nothing. */
export interface AsOfTime {
  readonly left: number;
  readonly right: number;
  /** `before`: the latest right row not after the left one; `after`: the earliest not before it. */
  readonly direction: 'before' | 'after';
  /** An equal time does not match. */
  readonly strict: boolean;
}

/**
 * Joins a left row with one right row of equal keys: the one nearest in time, of those with the same time the first by their columns from left to right.
 * `temporal`: the right side is a table with versions (FOR SYSTEM_TIME AS OF). A continuous query joins a row of it once: with the version at its time
 * when the watermark has passed that, or, with `time` null, with the rows of its key that are there in its epoch. Evaluated over
 * the rows of one moment both mean the same as without. Keys and times are columns of the sides.
 */
export interface AsOfJoinPlan extends PlanBase {
  readonly kind: 'as-of-join';
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly joinType: 'inner' | 'left';
  /** As many as right keys, of types whose equal values have equal key bytes. */
  readonly leftKeys: readonly number[];
  readonly rightKeys: readonly number[];
  readonly time: AsOfTime | null;
  readonly temporal: boolean;
}

export interface SetOperationPlan extends PlanBase {
  readonly kind: 'set-operation';
  readonly operator: 'union' | 'intersect' | 'except';
  readonly all: boolean;
  readonly inputs: readonly LogicalPlan[];
}

/** `on`: DISTINCT ON expressions (first row by the Sort below), null: whole rows. */
export interface DistinctPlan extends PlanBase {
  readonly kind: 'distinct';
  readonly input: LogicalPlan;
  readonly on: readonly Expression[] | null;
}

export interface FrameBound {
  readonly kind: 'unbounded-preceding' | 'preceding' | 'current-row' | 'following' | 'unbounded-following';
  readonly offset: Expression | null;
}

export interface OverCall {
  /** Window function name (row_number, rank, lag …) or an aggregate's signature. */
  readonly function: { readonly kind: 'window'; readonly name: string } | { readonly kind: 'aggregate'; readonly signature: string };
  readonly args: readonly Expression[];
  readonly filter: Expression | null;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly SortKey[];
  readonly frame: {
    /** `session`: from a gap before to a gap behind. */
    readonly unit: 'rows' | 'range' | 'groups' | 'session';
    readonly start: FrameBound;
    readonly end: FrameBound;
    readonly exclude: 'no-others' | 'current-row' | 'group' | 'ties';
  };
  readonly type: SqlType;
}

/** Appends one column a call to the input's fields. */
export interface OverPlan extends PlanBase {
  readonly kind: 'over';
  readonly input: LogicalPlan;
  readonly calls: readonly OverCall[];
}

/**
 * Row pattern recognition. Output: the columns of shownColumns (pattern/match-rows.ts) around the measures. Expressions of the recognition are over the
 * input's columns, the name of a row's variable, and one column a reference.
 */
export interface MatchRecognizePlan extends PlanBase {
  readonly kind: 'match-recognize';
  readonly input: LogicalPlan;
  readonly partitionBy: readonly number[];
  readonly orderBy: readonly RowOrderColumn[];
  readonly recognition: Recognition;
}

export interface SortKey {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export interface SortPlan extends PlanBase {
  readonly kind: 'sort';
  readonly input: LogicalPlan;
  readonly keys: readonly SortKey[];
}

export interface LimitPlan extends PlanBase {
  readonly kind: 'limit';
  readonly input: LogicalPlan;
  readonly limit: Expression | null;
  readonly offset: Expression | null;
  /** FETCH FIRST … WITH TIES: by the keys of the Sort below. */
  readonly withTies: boolean;
}

/**
 * WITH RECURSIVE: the rows of `base`, then those `step` makes of the rows found in the round before, until there are none. Without `all` a row that is
 * known already is no new one.
 */
export interface RecursionPlan extends PlanBase {
  readonly kind: 'recursion';
  /** Unique in the statement. */
  readonly id: string;
  readonly name: string;
  readonly all: boolean;
  readonly base: LogicalPlan;
  readonly step: LogicalPlan;
}

/**
 * WITH MUTUALLY RECURSIVE: the rows of one of its bindings. All start empty; in each round one after the other becomes its plan over the bindings as they
 * are then, until a round changes none.
 */
export interface MutualRecursionPlan extends PlanBase {
  readonly kind: 'mutual-recursion';
  readonly bindings: readonly BindingPlan[];
  /** Position of the binding whose rows these are. */
  readonly shown: number;
  readonly limit: RoundLimit | null;
}

export interface BindingPlan {
  /** Unique in the statement; recursive scans of it read the binding. */
  readonly id: string;
  readonly name: string;
  readonly plan: LogicalPlan;
}

export interface RoundLimit {
  readonly rounds: number;
  readonly atLimit: 'return' | 'error';
}

/** Inside the step of the recursion of that id: the rows found in the round before. Inside bindings: the rows of the binding of that id. */
export interface RecursiveScanPlan extends PlanBase {
  readonly kind: 'recursive-scan';
  readonly id: string;
  readonly name: string;
}

/** How a continuous query shows its results (docs/semantics.md, Emission). */
export type EmitMode = 'on-update' | 'on-window-close';

/** A bound query. */
export interface BoundQuery {
  readonly plan: LogicalPlan;
  readonly emit: EmitMode | null;
  /** Epoch of AS OF EPOCH, or null. */
  readonly asOfEpoch: number | null;
  readonly parameterTypes: readonly SqlType[];
  /** Volatile functions used, for views to refuse. */
  readonly volatileFunctions: readonly string[];
  /** Oids of the relations the query names itself: a view, but not what the view's own query reads. */
  readonly reads: readonly number[];
}
