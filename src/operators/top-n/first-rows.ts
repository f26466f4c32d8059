import { type Batch, type Column, GroupIndex, keyColumns } from '../../batch/index.ts';
import type { SqlType } from '../../types/index.ts';
import { type RowComparison, rowComparison } from '../ordering/index.ts';
import { grownInt32, grownUint8, SlotRows, TouchedGroups } from '../shared/index.ts';
import type { TopNSpec } from './spec.ts';

/** What has become of a row since the last barrier. */
const OLD = 0;
const FRESH = 1;
const GONE = 2;

/** A partition that has changed since the last barrier. */
export interface ChangedPartition {
  /** Slots of its rows then and now, the last first. Rows that have gone are readable until the epoch ends. */
  readonly before: Int32Array;
  readonly after: Int32Array;
}

/** Rows as state has them: their slots, the place of each in its partition, and the partition. */
export interface PlacedRows {
  readonly slots: Int32Array;
  readonly places: Int32Array;
  readonly partitionKeys: readonly Column[];
}

interface RestoredRows {
  readonly rows: Batch;
  readonly places: Int32Array;
  readonly shown: boolean;
}

/**
 * The first rows of each partition of an input that only grows. A row that comes behind them is never stored; one that is pushed out is forgotten once
 * the epoch has ended. A partition's rows are a list from its last to its first, so that most rows are compared with one. Equal rows stay apart, the later behind.
 */
export class FirstRows {
  readonly #limit: number;
  readonly #compare: RowComparison;
  readonly #index: GroupIndex;
  readonly #partitionColumns: readonly number[];
  readonly #rows: SlotRows;
  /** By partition: slot + 1 of its last row, how many it has, where its rows as of the last barrier begin in `#before`. */
  #last: Int32Array<ArrayBuffer> = new Int32Array(64);
  #counts: Int32Array<ArrayBuffer> = new Int32Array(64);
  #beforeStarts: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** By slot: slot + 1 of the row in front, the row's place in state, its fate, its partition. */
  #front: Int32Array<ArrayBuffer> = new Int32Array(64);
  #places: Int32Array<ArrayBuffer> = new Int32Array(64);
  #fates: Uint8Array<ArrayBuffer> = new Uint8Array(64);
  #partitionOf: Int32Array<ArrayBuffer> = new Int32Array(64);
  readonly #touched = new TouchedGroups();
  readonly #dirty = new TouchedGroups();
  #before: Int32Array<ArrayBuffer> = new Int32Array(64);
  #beforeEnd = 0;

  constructor(types: readonly SqlType[], { partitionCount, orderBy, tieBy, to }: TopNSpec) {
    this.#limit = to!;
    this.#compare = rowComparison(types, orderBy, tieBy);
    this.#index = new GroupIndex(types.slice(0, partitionCount));
    this.#partitionColumns = Array.from({ length: partitionCount }, (_, column) => column);
    this.#rows = new SlotRows(types);
  }

  get rowCount(): number {
    return this.#rows.rowCount;
  }

  add({ columns, weights, rowCount }: Batch, partitionKeys: readonly Column[]): void {
    const partitions = this.#partitionsOf(partitionKeys, rowCount);
    for (let row = 0; row < rowCount; row++) {
      const copies = weights === null ? 1 : Math.min(weights[row]!, this.#limit);
      for (let copy = 0; copy < copies; copy++) this.#addRow(partitions[row]!, columns, row);
    }
  }

  keysOf(batch: Batch): Column[] {
    return keyColumns(batch, this.#partitionColumns);
  }

  /** Rows out of state, each with its place; those that have not been shown count as of this epoch. */
  restore({ rows, places, shown }: RestoredRows, partitionKeys: readonly Column[]): void {
    const { columns, rowCount } = rows;
    const partitions = this.#partitionsOf(partitionKeys, rowCount);
    for (let row = 0; row < rowCount; row++) {
      if (!shown && this.#touched.add(partitions[row]!)) this.#remember(partitions[row]!);
      const slot = this.#insert(partitions[row]!, columns, row);
      this.#fates[slot] = shown ? OLD : FRESH;
      this.#places[slot] = places[row]!;
    }
  }

  /** Partitions that have changed since the epoch began. */
  *changed(): Generator<ChangedPartition> {
    const { count, list } = this.#touched;
    for (let at = 0; at < count; at++) {
      const end = at + 1 < count ? this.#beforeStarts[list[at + 1]!]! : this.#beforeEnd;
      yield { before: this.#before.subarray(this.#beforeStarts[list[at]!]!, end), after: this.#listOf(list[at]!) };
    }
  }

  isFresh(slot: number): boolean {
    return this.#fates[slot] === FRESH;
  }

  isGone(slot: number): boolean {
    return this.#fates[slot] === GONE;
  }

  isEqual(left: number, right: number): boolean {
    return this.#compare(this.#rows.columnsOf(left), left, this.#rows.columnsOf(right), right) === 0;
  }

  columnsOf(slots: Int32Array): Column[] {
    return this.#rows.gather(slots);
  }

  endEpoch(): void {
    for (let at = 0; at < this.#beforeEnd; at++) if (this.isGone(this.#before[at]!)) this.#rows.remove(this.#before[at]!);
    const { count, list } = this.#touched;
    for (let at = 0; at < count; at++) {
      for (let slot = this.#last[list[at]!]! - 1; slot >= 0; slot = this.#front[slot]! - 1) this.#fates[slot] = OLD;
    }
    this.#touched.clear();
    this.#beforeEnd = 0;
    this.#rows.compact();
  }

  /** Slots of the rows that are new to state, with their places; a row takes the place of the one it has pushed out, so that none is ever deleted there. */
  takeDirty(): PlacedRows {
    const slots = this.#dirty.list.slice(0, this.#dirty.count).filter((slot) => this.#rows.has(slot));
    this.#dirty.clear();
    return this.#placed(slots);
  }

  /** All rows, those among them that go when the epoch ends. */
  all(): PlacedRows {
    const slots = new Int32Array(this.#rows.rowCount);
    let count = 0;
    for (let slot = 0; slot < this.#rows.slotEnd; slot++) if (this.#rows.has(slot)) slots[count++] = slot;
    return this.#placed(slots);
  }

  #placed(slots: Int32Array): PlacedRows {
    const partitions = slots.map((slot) => this.#partitionOf[slot]!);
    return { slots, places: slots.map((slot) => this.#places[slot]!), partitionKeys: this.#index.keyColumnsOf(partitions, partitions.length) };
  }

  sizeBytes(): number {
    const byPartition = this.#last.byteLength * 3;
    const bySlot = this.#front.byteLength * 3 + this.#fates.byteLength;
    return this.#rows.sizeBytes() + this.#index.sizeBytes + byPartition + bySlot + this.#before.byteLength;
  }

  #partitionsOf(keys: readonly Column[], rowCount: number): Int32Array {
    const partitions = new Int32Array(rowCount);
    this.#index.assign(keys, rowCount, partitions);
    const end = this.#index.groupEnd;
    this.#last = grownInt32(this.#last, end);
    this.#counts = grownInt32(this.#counts, end);
    this.#beforeStarts = grownInt32(this.#beforeStarts, end);
    this.#touched.ensureCapacity(end);
    return partitions;
  }

  #addRow(partition: number, columns: readonly Column[], row: number): void {
    const last = this.#last[partition]! - 1;
    const full = this.#counts[partition] === this.#limit;
    if (full && this.#compare(this.#rows.columnsOf(last), last, columns, row) <= 0) return;
    if (this.#touched.add(partition)) this.#remember(partition);
    const place = full ? this.#places[last]! : this.#counts[partition]!;
    if (full) this.#pushOut(partition, last);
    const slot = this.#insert(partition, columns, row);
    this.#fates[slot] = FRESH;
    this.#places[slot] = place;
    this.#dirty.add(slot);
  }

  #pushOut(partition: number, last: number): void {
    this.#last[partition] = this.#front[last]!;
    this.#counts[partition]!--;
    if (this.isFresh(last)) this.#rows.remove(last);
    else this.#fates[last] = GONE;
  }

  /** Puts the row in front of all that come after it. */
  #insert(partition: number, columns: readonly Column[], row: number): number {
    let behind = -1;
    let front = this.#last[partition]! - 1;
    while (front >= 0 && this.#compare(this.#rows.columnsOf(front), front, columns, row) > 0) {
      behind = front;
      front = this.#front[front]! - 1;
    }
    const slot = this.#rows.add(columns, row);
    this.#ensureSlots();
    this.#front[slot] = front + 1;
    if (behind === -1) this.#last[partition] = slot + 1;
    else this.#front[behind] = slot + 1;
    this.#partitionOf[slot] = partition;
    this.#counts[partition]!++;
    return slot;
  }

  #ensureSlots(): void {
    const end = this.#rows.slotEnd;
    if (end <= this.#front.length) return;
    this.#front = grownInt32(this.#front, end);
    this.#places = grownInt32(this.#places, end);
    this.#partitionOf = grownInt32(this.#partitionOf, end);
    this.#fates = grownUint8(this.#fates, end);
    this.#dirty.ensureCapacity(this.#fates.length);
  }

  #remember(partition: number): void {
    this.#beforeStarts[partition] = this.#beforeEnd;
    this.#before = grownInt32(this.#before, this.#beforeEnd + this.#counts[partition]!);
    for (let slot = this.#last[partition]! - 1; slot >= 0; slot = this.#front[slot]! - 1) this.#before[this.#beforeEnd++] = slot;
  }

  #listOf(partition: number): Int32Array {
    const slots = new Int32Array(this.#counts[partition]!);
    let slot = this.#last[partition]! - 1;
    for (let at = 0; at < slots.length; at++) {
      slots[at] = slot;
      slot = this.#front[slot]! - 1;
    }
    return slots;
  }
}
