import { Batch, BatchBuilder, type Column, concatBatches, FixedColumn, GroupIndex, keyColumns } from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { ExpiringSlots, grownInt32, TouchedGroups } from '../shared/index.ts';
import { EpochCounts } from './epoch-counts.ts';
import type { Expiry } from './expiry.ts';
import { KeyTotals } from './key-totals.ts';
import { MatchCollector, type Matches } from './matches.ts';
import { declaredPlacement, placedByKeys, type SidePlacement } from './side-placement.ts';
import type { ProbedBy, StoredSide } from './stored-side.ts';

const COUNT: SqlType = { kind: 'float8' };

interface JoinSideOptions {
  readonly types: readonly SqlType[];
  readonly keys: readonly number[];
  /** Absent: by the keys. */
  readonly placement?: SidePlacement;
  /** Keeps how many rows there are of each key. */
  readonly totals: boolean;
  /** Keeps, as part of the state, how many rows of the other input each row matches. */
  readonly matches: boolean;
  readonly expiry: Expiry | null;
  /** What is loaded counts as of this epoch, with all that it brings about. */
  readonly loadedAsNew?: boolean;
}

/**
 * The rows of one input: distinct rows (byte for byte) with a multiplicity, chained by join key. A slot is the number of a distinct row,
 * found by all columns, so that a retraction costs one look-up. Within an epoch a multiplicity may be negative, as
 * order carries no meaning there; `endEpoch` drops what has cancelled out.
 */
export class JoinSide implements StoredSide {
  readonly state: StateTable;
  readonly totals: KeyTotals | null;
  readonly #types: readonly SqlType[];
  readonly #keys: readonly number[];
  readonly #front: readonly number[];
  readonly #rowIndex: GroupIndex;
  readonly #keyIndex: GroupIndex;
  readonly #touched = new TouchedGroups();
  readonly #dirty = new TouchedGroups();
  #deleted: Batch[] = [];
  readonly #counts = new EpochCounts();
  readonly #matches: EpochCounts | null;
  readonly #expiry: Expiry | null;
  readonly #expiring: ExpiringSlots | null;
  readonly #loadedAsNew: boolean;
  /** Chains of slots by key, numbers plus one, 0 ends; `keyOf` is the slot's key plus one, 0 while it is not chained. */
  #first: Int32Array<ArrayBuffer> = new Int32Array(64);
  #next: Int32Array<ArrayBuffer> = new Int32Array(64);
  #previous: Int32Array<ArrayBuffer> = new Int32Array(64);
  #keyOf: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** The newest batch that has begun to count the matches of a slot's row. */
  #countedIn: Int32Array<ArrayBuffer> = new Int32Array(64);
  #batch = 0;

  constructor(name: string, { types, keys, placement = placedByKeys(keys), totals, matches, expiry, loadedAsNew = false }: JoinSideOptions) {
    const { front } = placement;
    this.#types = types;
    this.#keys = keys;
    this.#front = front;
    this.#rowIndex = new GroupIndex(types);
    this.#keyIndex = new GroupIndex(keys.map((key) => types[key]!));
    this.totals = totals ? new KeyTotals(this.#keyIndex) : null;
    this.#matches = matches ? new EpochCounts() : null;
    this.#expiry = expiry;
    this.#loadedAsNew = loadedAsNew;
    this.#expiring = expiry === null ? null : new ExpiringSlots(expiry.slackMicros);
    // What decides the key group comes first, and again at its place among all columns.
    const keyTypes = [...front.map((column) => types[column]!), ...types];
    const counts: SqlType[] = matches ? [COUNT, COUNT] : [COUNT];
    this.state = {
      declaration: {
        name,
        columns: [...keyTypes, ...counts],
        keyCount: keyTypes.length,
        ...declaredPlacement(placement, keys),
        exactKeys: true,
      },
      collectDirty: () => this.#collectDirty(),
      load: (rows) => this.#load(rows),
      all: () => this.#stateRows(this.#slots()),
      sizeBytes: () => this.#rowIndex.sizeBytes + this.#keyIndex.sizeBytes + this.#rowIndex.groupEnd * 24,
      keyCount: () => this.#rowIndex.groupCount,
    };
  }

  apply(batch: Batch): void {
    this.#apply(batch);
  }

  /**
   * The same; gives the slot of each row, and in `uncounted` those that are there again or for the first time and whose matches the caller has to count
   * with `addMatches`, one row a slot.
   */
  applyUncounted(batch: Batch): { readonly slots: Int32Array; readonly uncounted: Uint8Array } {
    const uncounted = new Uint8Array(batch.rowCount);
    return { slots: this.#apply(batch, uncounted), uncounted };
  }

  #apply(batch: Batch, uncounted: Uint8Array | null = null): Int32Array {
    const { rowCount, weights } = batch;
    const { slots, keys } = this.#place(batch);
    this.#batch++;
    for (let row = 0; row < rowCount; row++) {
      const slot = slots[row]!;
      const weight = weights === null ? 1 : weights[row]!;
      if (uncounted !== null && this.#counts.now(slot) === 0 && this.#countedIn[slot] !== this.#batch) {
        uncounted[row] = 1;
        this.#countedIn[slot] = this.#batch;
        this.#matches!.set(slot, 0);
      }
      this.#counts.add(slot, weight);
      this.totals?.add(keys[row]!, weight);
      this.#touched.add(slot);
      this.#dirty.add(slot);
    }
    return slots;
  }

  /** Finds or makes the slot of each row, chained by its key. */
  #place(batch: Batch): { readonly slots: Int32Array; readonly keys: Int32Array } {
    const { rowCount } = batch;
    const slots = new Int32Array(rowCount);
    const keys = new Int32Array(rowCount);
    this.#rowIndex.assign(batch.columns, rowCount, slots);
    this.#keyIndex.assign(keyColumns(batch, this.#keys), rowCount, keys);
    this.#ensureCapacity();
    const times = this.#expiry === null ? null : (batch.columns[this.#expiry.column] as FixedColumn);
    for (let row = 0; row < rowCount; row++) {
      if (this.#keyOf[slots[row]!] !== 0) continue;
      this.#link(slots[row]!, keys[row]!);
      if (times !== null) this.#expiring!.add(slots[row]!, times, row);
    }
    return { slots, keys };
  }

  addMatches(slot: number, matches: number): void {
    this.#matches!.add(slot, matches);
    this.#touched.add(slot);
    this.#dirty.add(slot);
  }

  probe(batch: Batch, { keys }: ProbedBy, portion: number, take: (matches: Matches) => void): void {
    const { rowCount, weights } = batch;
    const found = new Int32Array(rowCount);
    this.#keyIndex.lookup(keyColumns(batch, keys), rowCount, found);
    const matches = new MatchCollector(portion, take);
    const counts = this.#counts;
    const following = this.#next;
    for (let row = 0; row < rowCount; row++) {
      if (found[row]! < 0) continue;
      for (let slot = this.#first[found[row]!]! - 1; slot >= 0; slot = following[slot]! - 1) {
        const count = counts.now(slot);
        if (count !== 0) matches.add(row, slot, weights === null ? count : count * weights[row]!);
      }
    }
    matches.flush();
  }

  present(): Batch {
    const slots = this.presentSlots();
    const weights = Int32Array.from(slots, (slot) => this.#counts.now(slot));
    return new Batch(slots.length, this.columnsOf(slots), weights);
  }

  /** Of the rows of `present`, in its order. */
  presentSlots(): Int32Array {
    return this.#slots().filter((slot) => this.#counts.now(slot) !== 0);
  }

  /** Rows that have changed in this epoch, or been touched otherwise. */
  touchedSlots(): Int32Array {
    return this.#touched.list.slice(0, this.#touched.count);
  }

  /** Touches all rows with some keys. */
  touchKeys(keys: readonly Column[], count: number): void {
    const found = new Int32Array(count);
    this.#keyIndex.lookup(keys, count, found);
    for (const key of found) {
      if (key < 0) continue;
      for (let slot = this.#first[key]! - 1; slot >= 0; slot = this.#next[slot]! - 1) this.#touched.add(slot);
    }
  }

  /** How often a row is there, and how many rows it matches. */
  get counts(): EpochCounts {
    return this.#counts;
  }

  get matches(): EpochCounts {
    return this.#matches!;
  }

  /** The canonical keys of some rows. */
  keysOf(slots: Int32Array): Column[] {
    return keyColumns(new Batch(slots.length, this.columnsOf(slots)), this.#keys);
  }

  columnsOf(slots: Int32Array): Column[] {
    return this.#rowIndex.keyColumnsOf(slots, slots.length);
  }

  endEpoch(): boolean {
    const touched = this.#touched;
    const gone: number[] = [];
    for (let at = 0; at < touched.count; at++) {
      const slot = touched.list[at]!;
      const count = this.#counts.now(slot);
      if (count < 0) return false;
      if (count === 0) gone.push(slot);
    }
    touched.clear();
    for (const counts of [this.#counts, this.totals, this.#matches]) counts?.endEpoch();
    if (gone.length > 0) this.#remove(Int32Array.from(gone));
    return true;
  }

  expire(boundMicros: number): void {
    const gone = new Set(this.#expiring?.take(boundMicros).filter((slot) => this.#keyOf[slot] !== 0));
    if (gone.size === 0) return;
    for (const slot of gone) {
      this.totals?.add(this.#keyOf[slot]! - 1, -this.#counts.now(slot));
      this.#counts.set(slot, 0);
    }
    for (const counts of [this.#counts, this.totals]) counts?.endEpoch();
    this.#remove(Int32Array.from(gone));
  }

  #remove(slots: Int32Array): void {
    this.#deleted.push(this.#stateKeys(slots));
    for (const slot of slots) {
      const key = this.#keyOf[slot]! - 1;
      const next = this.#next[slot]!;
      const previous = this.#previous[slot]!;
      if (previous === 0) this.#first[key] = next;
      else this.#next[previous - 1] = next;
      if (next !== 0) this.#previous[next - 1] = previous;
      if (this.#first[key] === 0) this.#keyIndex.remove(key);
      this.#keyOf[slot] = 0;
      this.#rowIndex.remove(slot);
    }
  }

  #link(slot: number, key: number): void {
    const first = this.#first[key]!;
    this.#keyOf[slot] = key + 1;
    this.#next[slot] = first;
    this.#previous[slot] = 0;
    if (first !== 0) this.#previous[first - 1] = slot + 1;
    this.#first[key] = slot + 1;
  }

  #ensureCapacity(): void {
    const slotEnd = this.#rowIndex.groupEnd;
    this.#counts.ensureCapacity(slotEnd);
    this.#matches?.ensureCapacity(slotEnd);
    this.#expiring?.ensureCapacity(slotEnd);
    this.totals?.ensureCapacity();
    this.#countedIn = grownInt32(this.#countedIn, slotEnd);
    this.#next = grownInt32(this.#next, slotEnd);
    this.#previous = grownInt32(this.#previous, slotEnd);
    this.#keyOf = grownInt32(this.#keyOf, slotEnd);
    this.#first = grownInt32(this.#first, this.#keyIndex.groupEnd);
    this.#touched.ensureCapacity(slotEnd);
    this.#dirty.ensureCapacity(slotEnd);
  }

  #stateKeys(slots: Int32Array): Batch {
    const columns = this.columnsOf(slots);
    return new Batch(slots.length, [...this.#front.map((column) => columns[column]!), ...columns]);
  }

  #collectDirty(): { upserts: Batch; deletes: Batch } {
    const slots = this.#dirtySlots();
    this.#dirty.clear();
    const upserts = this.#stateRows(slots);
    const types = this.state.declaration.columns.slice(0, this.state.declaration.keyCount);
    const deletes = this.#deleted.length === 0 ? new BatchBuilder(types, 1).finish() : concatBatches(this.#deleted);
    this.#deleted = [];
    return { upserts, deletes };
  }

  #stateRows(slots: Int32Array): Batch {
    return new Batch(slots.length, [...this.#stateKeys(slots).columns, ...this.#countColumns(slots)]);
  }

  /** Slots that have a row. */
  #slots(): Int32Array {
    const slots = new Int32Array(this.#rowIndex.groupCount);
    let count = 0;
    for (let slot = 0; slot < this.#rowIndex.groupEnd; slot++) if (this.#keyOf[slot] !== 0) slots[count++] = slot;
    return slots.subarray(0, count);
  }

  #dirtySlots(): Int32Array {
    const slots = new Int32Array(this.#dirty.count);
    const { list } = this.#dirty;
    let count = 0;
    for (let at = 0; at < slots.length; at++) {
      if (this.#keyOf[list[at]!] !== 0) slots[count++] = list[at]!;
    }
    return slots.subarray(0, count);
  }

  #countColumns(slots: Int32Array): FixedColumn[] {
    const columnOf = (counts: EpochCounts): FixedColumn =>
      new FixedColumn(
        COUNT,
        Float64Array.from(slots, (slot) => counts.now(slot)),
        null,
      );
    return this.#matches === null ? [columnOf(this.#counts)] : [columnOf(this.#counts), columnOf(this.#matches)];
  }

  #load({ rowCount, columns }: Batch): void {
    const width = this.#front.length + this.#types.length;
    const counts = (columns[width] as FixedColumn).f64;
    const { slots, keys } = this.#place(new Batch(rowCount, columns.slice(this.#front.length, width)));
    const matches = this.#matches === null ? null : (columns[width + 1] as FixedColumn).f64;
    for (let row = 0; row < rowCount; row++) {
      const slot = slots[row]!;
      if (this.#loadedAsNew) {
        this.#counts.add(slot, counts[row]!);
        this.totals?.add(keys[row]!, counts[row]!);
        if (matches !== null) this.#matches!.add(slot, matches[row]!);
        this.#touched.add(slot);
      } else {
        this.#counts.restore(slot, counts[row]!);
        this.totals?.restore(keys[row]!, counts[row]!);
        if (matches !== null) this.#matches!.restore(slot, matches[row]!);
      }
    }
  }
}
