import { assert, SqlError, SqlState } from '../../base/index.ts';
import { Batch, BatchBuilder, type Column, compareRows, concatBatches, FixedColumn, GroupIndex, keyColumns, readDatum } from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import { compareOrdered, type Datum, type SqlType } from '../../types/index.ts';
import { grownFloat64, TouchedGroups } from '../shared/index.ts';
import type { SortKeySpec } from '../spec/index.ts';

/** A distinct row. */
export interface OrderedRow {
  readonly slot: number;
  /** Multiplicity as of the last time its partition was settled. */
  count: number;
  /** The columns asked for as values: sort keys first. */
  readonly values: readonly (Datum | null)[];
}

export interface OrderedPartition {
  readonly number: number;
  /** Distinct rows in order, as of the last time the partition was settled. */
  readonly order: OrderedRow[];
}

interface Partition extends OrderedPartition {
  order: OrderedRow[];
  /** Slots that changed since. */
  readonly pending: number[];
}

export interface OrderedPartitionsOptions {
  /** Of the state table; `rows` where the operator has no other. */
  readonly name?: string;
  readonly types: readonly SqlType[];
  /** Leading columns that make the partition, and how many of them decide the key group. */
  readonly partitionCount: number;
  readonly partitionKeyCount: number;
  readonly orderBy: readonly SortKeySpec[];
  /** Columns that decide between rows with equal sort keys, in this order; columns that follow from them may be left out. */
  readonly tieBy: readonly number[];
  /** Columns kept as values behind the sort keys. */
  readonly kept: readonly number[];
  /** Rows are forgotten before they are taken back: one to take away that is not there is left out, and told of. */
  readonly unknown?: (rows: number) => void;
  /** Partitions that have lost their rows stay until they are dropped. */
  readonly emptyStay?: boolean;
  /** Nothing of what is loaded has been shown: its partitions count as touched. */
  readonly loadedAsNew?: boolean;
  /** Told of the rows a load has brought back, with the partition of each. */
  readonly loaded?: (rows: Batch, partitions: Int32Array) => void;
}

/** Memory of an OrderedRow with its place in the order, without its values; of a value; of a partition. Measured roughly. */
const ROW_BYTES = 96;
const VALUE_BYTES = 16;
const PARTITION_BYTES = 160;

/** Distinct rows with multiplicities, partitioned and ordered. State: the rows and their multiplicities. */
export class OrderedPartitions {
  readonly state: StateTable & Required<Pick<StateTable, 'all'>>;
  readonly #options: OrderedPartitionsOptions;
  readonly #index: GroupIndex;
  readonly #partitionIndex: GroupIndex;
  readonly #partitionColumns: readonly number[];
  /** Multiplicities now, by slot. */
  #counts: Float64Array<ArrayBuffer> = new Float64Array(64);
  readonly #rows: (OrderedRow | undefined)[] = [];
  readonly #partitions: (Partition | undefined)[] = [];
  readonly #touchedPartitions = new TouchedGroups();
  readonly #touchedSlots = new TouchedGroups();
  readonly #dirty = new TouchedGroups();
  #deleted: Batch[] = [];
  #gone: number[] = [];
  /** Partitions that were loaded as new in this epoch. */
  readonly #unshown = new Set<number>();

  constructor(options: OrderedPartitionsOptions) {
    this.#options = options;
    const { types, partitionCount, partitionKeyCount } = options;
    this.#index = new GroupIndex(types);
    this.#partitionIndex = new GroupIndex(types.slice(0, partitionCount));
    this.#partitionColumns = Array.from({ length: partitionCount }, (_, column) => column);
    this.state = {
      declaration: {
        name: options.name ?? 'rows',
        columns: [...types, { kind: 'float8' }],
        keyCount: types.length,
        partitionKeyCount,
        exactKeys: true,
      },
      collectDirty: () => this.#collectDirty(),
      all: () => this.#all(),
      load: (rows) => this.#load(rows),
      sizeBytes: () => this.#sizeBytes(),
      keyCount: () => this.#index.groupCount,
    };
  }

  /** Adds changes. Returns the partition of each row, valid until the next call. */
  apply(batch: Batch): Int32Array {
    const { rowCount, weights } = batch;
    const { partitions, slots } = this.#assign(batch);
    for (let row = 0; row < rowCount; row++) {
      const slot = slots[row]!;
      this.#counts[slot]! += weights === null ? 1 : weights[row]!;
      this.#dirty.add(slot);
      if (!this.#touchedSlots.add(slot)) continue;
      this.#partitionAt(partitions[row]!).pending.push(slot);
      this.#touchedPartitions.add(partitions[row]!);
    }
    return partitions;
  }

  /** The partition of each key, -1 for one that has no rows. */
  find(keys: readonly Column[], rowCount: number): Int32Array {
    const partitions = new Int32Array(rowCount);
    this.#partitionIndex.lookup(keys, rowCount, partitions);
    return partitions;
  }

  /** One above the highest partition number ever handed out. */
  get partitionEnd(): number {
    return this.#partitionIndex.groupEnd;
  }

  partition(number: number): OrderedPartition {
    return this.#partitionAt(number);
  }

  /** Partitions with changes that are not settled. */
  touched(): Int32Array {
    return this.#touchedPartitions.list.slice(0, this.#touchedPartitions.count);
  }

  /** False: nothing of it has been shown, whatever is in its order. */
  wasShown(number: number): boolean {
    return !this.#unshown.has(number);
  }

  /**
   * Brings a partition's order up to date. Returns the first place in the order at which something has changed (its length for nothing). Rows that have
   * gone stay readable by their slots until `release`. Errors: XX000 for a negative count.
   */
  settle(number: number): number {
    const partition = this.#partitionAt(number);
    const { order } = partition;
    const fresh: number[] = [];
    const gone = new Set<OrderedRow>();
    let first = order.length;
    for (const slot of partition.pending) {
      const count = this.#countOf(slot);
      const row = this.#rows[slot];
      if (count === 0) this.#gone.push(slot);
      if (row === undefined) {
        if (count > 0) fresh.push(slot);
      } else if (row.count !== count) {
        first = Math.min(first, this.#placeOf(order, row));
        if (count === 0) gone.add(row);
        row.count = count;
      }
    }
    partition.pending.length = 0;
    return this.#rebuild(order, { first, gone, fresh: this.#newRows(Int32Array.from(fresh)) });
  }

  #countOf(slot: number): number {
    const count = this.#counts[slot]!;
    if (count >= 0) return count;
    if (this.#options.unknown === undefined) {
      throw new SqlError({ code: SqlState.internalError, message: 'a row of an ordered partition has a negative count' });
    }
    this.#options.unknown(-count);
    this.#counts[slot] = 0;
    return 0;
  }

  /** Takes rows from `from` on out of a settled partition, as gone for ever: an input that never retracts cannot bring them back. */
  truncate(number: number, from: number): void {
    this.remove(number, from, this.#partitionAt(number).order.length);
  }

  /** The same for the rows of [start, end). */
  remove(number: number, start: number, end: number): void {
    for (const row of this.#partitionAt(number).order.splice(start, end - start)) {
      this.#counts[row.slot] = 0;
      this.#gone.push(row.slot);
    }
  }

  /** Forgets the rows that have gone, and partitions without any. Every touched partition has been settled. */
  release(): void {
    const gone = Int32Array.from(this.#gone);
    this.#gone = [];
    if (gone.length > 0) this.#deleted.push(new Batch(gone.length, this.columnsOf(gone)));
    for (const slot of gone) {
      this.#rows[slot] = undefined;
      this.#index.remove(slot);
    }
    this.#touchedSlots.clear();
    if (this.#options.emptyStay !== true) {
      for (const number of this.touched()) if (this.#partitionAt(number).order.length === 0) this.#forget(number);
    }
    this.#touchedPartitions.clear();
    this.#unshown.clear();
  }

  /** Drops partitions with their rows; the drop is part of the next checkpoint. Not between settle and release. */
  drop(numbers: Int32Array): void {
    for (const number of numbers) this.truncate(number, 0);
    this.release();
    for (const number of numbers) this.#forget(number);
  }

  columnsOf(slots: Int32Array): Column[] {
    return this.#index.keyColumnsOf(slots, slots.length);
  }

  #partitionAt(number: number): Partition {
    let partition = this.#partitions[number];
    if (partition === undefined) {
      partition = { number, order: [], pending: [] };
      this.#partitions[number] = partition;
    }
    return partition;
  }

  #forget(number: number): void {
    this.#partitions[number] = undefined;
    this.#partitionIndex.remove(number);
  }

  #ensureCapacity(end: number): void {
    this.#counts = grownFloat64(this.#counts, end);
    this.#touchedSlots.ensureCapacity(end);
    this.#dirty.ensureCapacity(end);
  }

  /** Takes rows out and puts new ones in; `first` is where the first row stands that is not as it was. Returns the same with the new ones. */
  #rebuild(
    order: OrderedRow[],
    change: { readonly first: number; readonly gone: ReadonlySet<OrderedRow>; readonly fresh: readonly OrderedRow[] },
  ): number {
    const { gone } = change;
    const fresh = this.#sorted(change.fresh);
    const first = fresh.length === 0 ? change.first : Math.min(change.first, this.#lowerBound(order, fresh[0]!));
    if (gone.size === 0 && fresh.length === 0) return first;
    const tail = order.splice(first).filter((row) => !gone.has(row));
    const comparison = this.#comparison([...tail, ...fresh]);
    let at = 0;
    for (const [index, row] of fresh.entries()) {
      while (at < tail.length && comparison(at, tail.length + index) <= 0) order.push(tail[at++]!);
      order.push(row);
    }
    while (at < tail.length) order.push(tail[at++]!);
    return first;
  }

  #sorted(rows: readonly OrderedRow[]): readonly OrderedRow[] {
    if (rows.length < 2) return rows;
    const comparison = this.#comparison(rows);
    return rows
      .map((_, index) => index)
      .sort(comparison)
      .map((index) => rows[index]!);
  }

  /** Compares rows by their places in the list; their columns are gathered at the first tie. */
  #comparison(rows: readonly OrderedRow[]): (left: number, right: number) => number {
    let columns: readonly Column[] | null = null;
    return (left, right) => {
      const order = this.#compareKeys(rows[left]!, rows[right]!);
      if (order !== 0) return order;
      columns ??= this.#tieColumns(Int32Array.from(rows, (row) => row.slot));
      return compareRows(columns, left, right);
    };
  }

  #compareKeys(left: OrderedRow, right: OrderedRow): number {
    const { orderBy, types } = this.#options;
    for (let index = 0; index < orderBy.length; index++) {
      const key = orderBy[index]!;
      const order = compareOrdered(types[key.column]!, left.values[index] ?? null, right.values[index] ?? null, key);
      if (order !== 0) return order;
    }
    return 0;
  }

  #tieColumns(slots: Int32Array): Column[] {
    const columns = this.columnsOf(slots);
    return this.#options.tieBy.map((column) => columns[column]!);
  }

  /** First place whose row does not come before `row`. */
  #lowerBound(order: readonly OrderedRow[], row: OrderedRow): number {
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = order[middle]!;
      const compared = this.#compareKeys(other, row) || compareRows(this.#tieColumns(Int32Array.of(other.slot, row.slot)), 0, 1);
      if (compared < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #placeOf(order: readonly OrderedRow[], row: OrderedRow): number {
    const place = this.#lowerBound(order, row);
    assert(order[place] === row, 'a row stands where its order puts it');
    return place;
  }

  /** Peers: equal in the sort keys. */
  isPeer(left: OrderedRow, right: OrderedRow): boolean {
    return this.#compareKeys(left, right) === 0;
  }

  #newRows(slots: Int32Array): OrderedRow[] {
    if (slots.length === 0) return [];
    const columns = this.columnsOf(slots);
    const read = [...this.#options.orderBy.map((key) => key.column), ...this.#options.kept];
    return Array.from(slots, (slot, at) => {
      const values = read.map((column) => readDatum(columns[column]!, at));
      const row: OrderedRow = { slot, count: this.#counts[slot]!, values };
      this.#rows[slot] = row;
      return row;
    });
  }

  #collectDirty(): { readonly upserts: Batch; readonly deletes: Batch } {
    const slots = this.#dirty.list.slice(0, this.#dirty.count).filter((slot) => this.#rows[slot] !== undefined);
    this.#dirty.clear();
    const upserts = this.#stateRows(slots);
    const deletes = this.#deleted.length === 0 ? new BatchBuilder(this.#options.types, 1).finish() : concatBatches(this.#deleted);
    this.#deleted = [];
    return { upserts, deletes };
  }

  /** Rows that are not settled yet are among them. */
  #all(): Batch {
    return this.#stateRows(this.#index.liveGroups());
  }

  #stateRows(slots: Int32Array): Batch {
    const counts = Float64Array.from(slots, (slot) => this.#counts[slot]!);
    return new Batch(slots.length, [...this.columnsOf(slots), new FixedColumn({ kind: 'float8' }, counts, null)]);
  }

  /** Changes of other partitions may wait to be settled. */
  #load(rows: Batch): void {
    const counts = (rows.columns.at(-1) as FixedColumn).f64;
    const batch = new Batch(rows.rowCount, rows.columns.slice(0, -1));
    const { partitions, slots } = this.#assign(batch);
    for (let row = 0; row < rows.rowCount; row++) {
      this.#counts[slots[row]!] = counts[row]!;
      this.#partitionAt(partitions[row]!).pending.push(slots[row]!);
    }
    for (const number of new Set(partitions)) {
      this.settle(number);
      if (this.#options.loadedAsNew !== true) continue;
      this.#touchedPartitions.add(number);
      this.#unshown.add(number);
    }
    this.#options.loaded?.(batch, partitions);
  }

  #assign(batch: Batch): { readonly partitions: Int32Array; readonly slots: Int32Array } {
    const { rowCount } = batch;
    const partitions = new Int32Array(rowCount);
    this.#partitionIndex.assign(keyColumns(batch, this.#partitionColumns), rowCount, partitions);
    this.#touchedPartitions.ensureCapacity(this.#partitionIndex.groupEnd);
    const slots = new Int32Array(rowCount);
    this.#index.assign(batch.columns, rowCount, slots);
    this.#ensureCapacity(this.#index.groupEnd);
    return { partitions, slots };
  }

  #sizeBytes(): number {
    const values = this.#options.orderBy.length + this.#options.kept.length;
    const rows = this.#index.groupCount * (ROW_BYTES + values * VALUE_BYTES);
    return this.#index.sizeBytes + this.#partitionIndex.sizeBytes + rows + this.#partitionIndex.groupCount * PARTITION_BYTES;
  }
}
