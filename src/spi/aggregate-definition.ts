import type { Column } from '../batch/index.ts';
import type { FunctionExample } from '../expr/index.ts';
import type { Datum, SqlType } from '../types/index.ts';

/** Rows of one update: row r belongs to group `groups[r]`; `weights` absent = all +1. `args` are the argument columns. */
export interface AccumulatorInput {
  readonly rowCount: number;
  readonly groups: Int32Array;
  readonly args: readonly Column[];
  readonly weights: Int32Array | null;
}

/**
 * The state of one aggregate call for all groups of an operator, in flat arrays indexed by group. Groups are dense small integers;
 * `reset` makes an index ready for reuse. State is exchanged with storage as columns of `stateTypes`: one row a group, absolute values.
 * Implementations are loops over typed arrays: no allocation a row.
 */
export interface Accumulator {
  readonly stateTypes: readonly SqlType[];
  ensureCapacity(groupCount: number): void;
  update(input: AccumulatorInput): void;
  reset(group: number): void;
  /** The aggregate's value for each of `groups[0..count)`, as one column. Errors (overflow) are reported by group. */
  result(groups: Int32Array, count: number, onError: (position: number, error: unknown) => void): Column;
  /** State of `groups[0..count)` as columns of stateTypes. */
  save(groups: Int32Array, count: number): readonly Column[];
  /** Replaces the state of `groups[i]` by row i. */
  load(groups: Int32Array, count: number, columns: readonly Column[]): void;
  /** Merges row i of another accumulator's saved state into `groups[i]` (two-phase aggregation; weights already applied). */
  merge(groups: Int32Array, count: number, columns: readonly Column[]): void;
}

/** The reference form: one group, one value at a time, used by the batch executor. */
export interface ReferenceAggregate {
  add(args: readonly (Datum | null)[], weight: number): void;
  result(): Datum | null;
}

export interface AggregateOptions {
  readonly argumentTypes: readonly SqlType[];
  readonly resultType: SqlType;
  /** The input never retracts, so that min and max may keep one value a group. */
  readonly appendOnly: boolean;
  /** ORDER BY inside the call; `argument` is a position in argumentTypes, which goes on with the types of the ordering columns. */
  readonly orderBy?: readonly { readonly argument: number; readonly descending: boolean; readonly nullsFirst: boolean }[];
}

/** An aggregate function. Signatures as for functions: `sum(int8) -> numeric`, `count(*) -> int8`. */
export interface AggregateDefinition {
  readonly name: string;
  readonly signature: string;
  readonly argumentTypes: readonly SqlType[];
  readonly resultType: SqlType | ((args: readonly SqlType[]) => SqlType);
  readonly description: string;
  readonly examples: readonly FunctionExample[];
  /**
   * Called with WITHIN GROUP (ORDER BY …): `ordered` has its direct arguments and then the ordered expressions as arguments, `hypothetical` a row of direct
   * arguments alone, one for each ordered expression. Absent: a plain aggregate.
   */
  readonly orderedSet?: 'ordered' | 'hypothetical';
  /** A group keeps a value of each row, or of each different one: `unless-append-only` one value where no row is taken back. */
  readonly keepsValues: 'never' | 'always' | 'unless-append-only';
  /** State of groups can be merged, so that a local phase may run before the exchange. */
  readonly mergeable: boolean;
  createAccumulator(options: AggregateOptions): Accumulator;
  createReference(options: AggregateOptions): ReferenceAggregate;
}
