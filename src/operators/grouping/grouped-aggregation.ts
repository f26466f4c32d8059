import { SqlError, SqlState } from '../../base/index.ts';
import {
  Batch,
  type Column,
  concatBatches,
  FixedColumn,
  GroupIndex,
  gatherColumn,
  gatherInt32,
  keyColumns,
  presentableKeyColumn,
} from '../../batch/index.ts';
import type { EdgeColumn } from '../../jobgraph/index.ts';
import type { Accumulator, OperatorEnvironment } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { grownFloat64, grownUint8, TouchedGroups } from '../shared/index.ts';
import type { AggregateCallSpec } from '../spec/index.ts';
import { DistinctAccumulator } from './distinct-accumulator.ts';

const EMPTY = new Int32Array(0);

/** Results of some groups, one column a call; `failed[i]` is the error that group i's row has. */
export interface GroupResults {
  readonly columns: readonly Column[];
  readonly failed: ReadonlyMap<number, { readonly error: unknown; readonly call: number }>;
}

/** What an aggregation asks of the index of its groups. */
export type GroupKeys = Pick<
  GroupIndex,
  'groupCount' | 'groupEnd' | 'sizeBytes' | 'assign' | 'lookup' | 'remove' | 'clear' | 'isLive' | 'liveGroups' | 'keyColumnsOf'
>;

interface GroupedAggregationOptions {
  readonly keys: readonly number[];
  readonly calls: readonly AggregateCallSpec[];
  readonly inputColumns: readonly EdgeColumn[];
  readonly appendOnly: boolean;
  /** Default: a GroupIndex. */
  readonly index?: GroupKeys | null;
}

/**
 * Groups and their accumulators: what every aggregating operator is made of. A group lives while it has rows. Which groups changed since the
 * last checkpoint is known to it, which were touched in an epoch is its user's business.
 */
export class GroupedAggregation {
  readonly index: GroupKeys;
  readonly keyTypes: readonly SqlType[];
  readonly #keys: readonly number[];
  readonly #calls: readonly AggregateCallSpec[];
  readonly #accumulators: readonly Accumulator[];
  readonly #dirty = new TouchedGroups();
  #deletedKeys: Batch[] = [];
  /** Rows in each group. */
  #rows = new Float64Array(64);
  /** Groups that a checkpoint knows: only their end has to be told to the next one. */
  #stored: Uint8Array<ArrayBuffer> = new Uint8Array(64);
  #groups = new Int32Array(0);

  constructor(options: GroupedAggregationOptions, environment: OperatorEnvironment) {
    this.#keys = options.keys;
    this.#calls = options.calls;
    this.keyTypes = options.keys.map((key) => options.inputColumns[key]!.type);
    this.index = options.index ?? new GroupIndex(this.keyTypes);
    this.#accumulators = options.calls.map((call) => createAccumulator(call, options, environment));
  }

  /** Key types, row count, then the accumulators' state types. */
  get stateTypes(): SqlType[] {
    return [...this.keyTypes, { kind: 'float8' }, ...this.#accumulators.flatMap((accumulator) => accumulator.stateTypes)];
  }

  rowsOf(group: number): number {
    return this.#rows[group]!;
  }

  /** Finds or makes the group of each row; valid until the next call. `apply` adds the rows afterwards. */
  assign(batch: Batch): Int32Array {
    if (this.#groups.length < batch.rowCount) this.#groups = new Int32Array(batch.rowCount);
    this.index.assign(keyColumns(batch, this.#keys), batch.rowCount, this.#groups);
    this.ensureCapacity();
    return this.#groups;
  }

  /** The group of each key, -1 where there is none. */
  find(keys: readonly Column[], count: number): Int32Array {
    const groups = new Int32Array(count);
    this.index.lookup(keys, count, groups);
    return groups;
  }

  /** The one group of an aggregation without keys. */
  assignOnlyGroup(): number {
    const group = new Int32Array(1);
    this.index.assign([], 1, group);
    this.ensureCapacity();
    return group[0]!;
  }

  /** Adds rows to their groups, which the caller marks dirty before the next barrier. */
  apply(batch: Batch, groups: Int32Array): void {
    const rows = this.#rows;
    const { rowCount, weights } = batch;
    if (weights === null) for (let row = 0; row < rowCount; row++) rows[groups[row]!]!++;
    else for (let row = 0; row < rowCount; row++) rows[groups[row]!]! += weights[row]!;
    this.#calls.forEach((call, index) => {
      this.#update(call, this.#accumulators[index]!, batch, groups);
    });
  }

  /** `groups[0..count)` are part of the next checkpoint. */
  markDirty(groups: Int32Array, count: number): void {
    for (let at = 0; at < count; at++) this.#dirty.add(groups[at]!);
  }

  /** The keys of `groups[0..count)` as a query shows them. */
  keys(groups: Int32Array, count: number): Column[] {
    return this.index.keyColumnsOf(groups, count).map((column) => presentableKeyColumn(column, count));
  }

  results(groups: Int32Array, count: number): GroupResults {
    const failed = new Map<number, { error: unknown; call: number }>();
    const columns = this.#accumulators.map((accumulator, call) =>
      accumulator.result(groups, count, (position, error) => {
        if (!failed.has(position)) failed.set(position, { error, call });
      }),
    );
    return { columns, failed };
  }

  /** Adds the state of another aggregation of the same calls: that of `from[i]` to `groups[i]`. */
  merge(groups: Int32Array, count: number, other: GroupedAggregation, from: Int32Array): void {
    for (let at = 0; at < count; at++) this.#rows[groups[at]!]! += other.#rows[from[at]!]!;
    this.#accumulators.forEach((accumulator, call) => {
      accumulator.merge(groups, count, other.#accumulators[call]!.save(from, count));
    });
  }

  /** Forgets all groups, as if they had never been. */
  clear(): void {
    for (let group = 0; group < this.index.groupEnd; group++) {
      this.#rows[group] = 0;
      for (const accumulator of this.#accumulators) accumulator.reset(group);
    }
    this.index.clear();
  }

  /** Drops groups with their state; the deletion of those that a checkpoint has is part of the next one. */
  remove(groups: Int32Array, count: number): void {
    if (count === 0) return;
    const stored = groups.subarray(0, count).filter((group) => this.#stored[group] === 1);
    if (stored.length > 0) this.#deletedKeys.push(new Batch(stored.length, this.index.keyColumnsOf(stored, stored.length)));
    for (let at = 0; at < count; at++) {
      const group = groups[at]!;
      this.#rows[group] = 0;
      this.#stored[group] = 0;
      for (const accumulator of this.#accumulators) accumulator.reset(group);
      this.index.remove(group);
    }
  }

  collectDirty(): { readonly upserts: Batch; readonly deletes: Batch } {
    // A removed group's number may be in use by another key by now; the set holds numbers, and live ones are saved as they are.
    const list = this.#liveDirty();
    this.#dirty.clear();
    for (let at = 0; at < list.length; at++) this.#stored[list[at]!] = 1;
    const deletes = this.#deletedKeys.length === 0 ? new Batch(0, this.index.keyColumnsOf(EMPTY, 0)) : concatKeys(this.#deletedKeys, this.keyTypes);
    this.#deletedKeys = [];
    return { upserts: this.#save(list), deletes };
  }

  /** The state of all groups. */
  all(): Batch {
    return this.#save(this.index.liveGroups());
  }

  #liveDirty(): Int32Array {
    const list = new Int32Array(this.#dirty.count);
    let count = 0;
    for (let at = 0; at < list.length; at++) {
      const group = this.#dirty.list[at]!;
      if (this.index.isLive(group)) list[count++] = group;
    }
    return list.subarray(0, count);
  }

  /** Restores groups; returns their numbers. */
  load(rows: Batch): Int32Array {
    const count = rows.rowCount;
    const keyCount = this.keyTypes.length;
    const groups = new Int32Array(count);
    this.index.assign(rows.columns.slice(0, keyCount), count, groups);
    this.ensureCapacity();
    const counts = (rows.columns[keyCount] as FixedColumn).f64;
    for (let row = 0; row < count; row++) {
      this.#rows[groups[row]!] = counts[row]!;
      this.#stored[groups[row]!] = 1;
    }
    let at = keyCount + 1;
    for (const accumulator of this.#accumulators) {
      accumulator.load(groups, count, rows.columns.slice(at, at + accumulator.stateTypes.length));
      at += accumulator.stateTypes.length;
    }
    return groups;
  }

  sizeBytes(): number {
    return this.index.sizeBytes + this.index.groupEnd * 16 * (1 + this.#accumulators.length);
  }

  /** A group has lost more rows than it ever had: an operator below has retracted what it never added. */
  negativeGroupError(operator: string, group: number): SqlError {
    return new SqlError({
      code: SqlState.internalError,
      message: `a group of ${operator} has ${this.#rows[group]} rows`,
      class: 'internal',
    });
  }

  #save(groups: Int32Array): Batch {
    const count = groups.length;
    const rowCounts = new Float64Array(count);
    for (let at = 0; at < count; at++) rowCounts[at] = this.#rows[groups[at]!]!;
    const counts = new FixedColumn({ kind: 'float8' }, rowCounts, null);
    const states = this.#accumulators.flatMap((accumulator) => accumulator.save(groups, count));
    return new Batch(count, [...this.index.keyColumnsOf(groups, count), counts, ...states]);
  }

  #update(call: AggregateCallSpec, accumulator: Accumulator, batch: Batch, groups: Int32Array): void {
    const positions = [...call.args, ...call.orderBy.map((key) => key.column)];
    const args = positions.map((position) => batch.columns[position]!);
    if (call.filter === null) {
      accumulator.update({ rowCount: batch.rowCount, groups, args, weights: batch.weights });
      return;
    }
    const { selection, count } = selectTrue(batch.columns[call.filter] as FixedColumn, batch.rowCount);
    if (count === 0) return;
    accumulator.update({
      rowCount: count,
      groups: gatherInt32(groups, selection, count),
      args: args.map((column) => gatherColumn(column, selection, count)),
      weights: batch.weights === null ? null : gatherInt32(batch.weights, selection, count),
    });
  }

  /** Makes room for the groups of the index, where somebody else has made some. */
  ensureCapacity(): void {
    const end = this.index.groupEnd;
    this.#rows = grownFloat64(this.#rows, end);
    this.#stored = grownUint8(this.#stored, end);
    this.#dirty.ensureCapacity(end);
    for (const accumulator of this.#accumulators) accumulator.ensureCapacity(end);
  }
}

function createAccumulator(call: AggregateCallSpec, options: GroupedAggregationOptions, environment: OperatorEnvironment): Accumulator {
  const definition = environment.aggregates.get(call.signature);
  if (definition === undefined) {
    throw new SqlError({ code: SqlState.undefinedFunction, message: `aggregate ${call.signature} does not exist` });
  }
  const positions = [...call.args, ...call.orderBy.map((key) => key.column)];
  const argumentTypes = positions.map((position) => options.inputColumns[position]!.type);
  const orderBy = call.orderBy.map((key, index) => ({
    argument: call.args.length + index,
    descending: key.descending,
    nullsFirst: key.nullsFirst,
  }));
  const accumulator = definition.createAccumulator({ argumentTypes, resultType: call.type, appendOnly: options.appendOnly, orderBy });
  return call.distinct ? new DistinctAccumulator(accumulator, argumentTypes) : accumulator;
}

function selectTrue(column: FixedColumn, rowCount: number): { readonly selection: Int32Array; readonly count: number } {
  const selection = new Int32Array(rowCount);
  const { i32, valid } = column;
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    if (i32[2 * row] !== 0 && (valid === null || valid[row] === 1)) selection[count++] = row;
  }
  return { selection, count };
}

function concatKeys(batches: readonly Batch[], keyTypes: readonly SqlType[]): Batch {
  if (keyTypes.length > 0) return concatBatches(batches);
  return new Batch(
    batches.reduce((total, batch) => total + batch.rowCount, 0),
    [],
  );
}
