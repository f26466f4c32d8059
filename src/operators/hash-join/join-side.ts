import { Batch, BatchBuilder, type Column, concatBatches, FixedColumn, GroupIndex, keyColumns } from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { grownFloat64, grownInt32, TouchedGroups } from '../shared/index.ts';
import { MatchCollector, type Matches } from './matches.ts';
import type { StoredSide } from './stored-side.ts';

/**
 * The rows of one input: distinct rows (byte for byte) with a multiplicity, chained by join key. A slot is the number of a distinct row,
 * found by all columns, so that a retraction costs one look-up. Within an epoch a multiplicity may be negative, as
 * order carries no meaning there; `endEpoch` drops what has cancelled out.
 */
export class JoinSide implements StoredSide {
  readonly state: StateTable;
  readonly #types: readonly SqlType[];
  readonly #keys: readonly number[];
  readonly #rowIndex: GroupIndex;
  readonly #keyIndex: GroupIndex;
  readonly #touched = new TouchedGroups();
  readonly #dirty = new TouchedGroups();
  #deleted: Batch[] = [];
  #counts: Float64Array<ArrayBuffer> = new Float64Array(64);
  /** Chains of slots by key, numbers plus one, 0 ends; `keyOf` is the slot's key plus one, 0 while it is not chained. */
  #first: Int32Array<ArrayBuffer> = new Int32Array(64);
  #next: Int32Array<ArrayBuffer> = new Int32Array(64);
  #previous: Int32Array<ArrayBuffer> = new Int32Array(64);
  #keyOf: Int32Array<ArrayBuffer> = new Int32Array(64);

  constructor(name: string, types: readonly SqlType[], keys: readonly number[]) {
    this.#types = types;
    this.#keys = keys;
    this.#rowIndex = new GroupIndex(types);
    this.#keyIndex = new GroupIndex(keys.map((key) => types[key]!));
    // The join keys come first to decide the key group, and again at their place among all columns.
    const keyTypes = [...keys.map((key) => types[key]!), ...types];
    this.state = {
      declaration: { name, columns: [...keyTypes, { kind: 'float8' }], keyCount: keyTypes.length, partitionKeyCount: keys.length },
      collectDirty: () => this.#collectDirty(),
      load: (rows) => this.#load(rows),
      sizeBytes: () => this.#rowIndex.sizeBytes + this.#keyIndex.sizeBytes + this.#rowIndex.groupEnd * 24,
      keyCount: () => this.#rowIndex.groupCount,
    };
  }

  apply(batch: Batch): void {
    const { rowCount, weights } = batch;
    if (rowCount === 0) return;
    const slots = new Int32Array(rowCount);
    const keys = new Int32Array(rowCount);
    this.#rowIndex.assign(batch.columns, rowCount, slots);
    this.#keyIndex.assign(keyColumns(batch, this.#keys), rowCount, keys);
    this.#ensureCapacity();
    for (let row = 0; row < rowCount; row++) {
      const slot = slots[row]!;
      if (this.#keyOf[slot] === 0) this.#link(slot, keys[row]!);
      this.#counts[slot]! += weights === null ? 1 : weights[row]!;
      this.#touched.add(slot);
      this.#dirty.add(slot);
    }
  }

  probe(batch: Batch, keys: readonly number[], portion: number, take: (matches: Matches) => void): void {
    const { rowCount, weights } = batch;
    const found = new Int32Array(rowCount);
    this.#keyIndex.lookup(keyColumns(batch, keys), rowCount, found);
    const matches = new MatchCollector(portion, take);
    const counts = this.#counts;
    const following = this.#next;
    for (let row = 0; row < rowCount; row++) {
      if (found[row]! < 0) continue;
      for (let slot = this.#first[found[row]!]! - 1; slot >= 0; slot = following[slot]! - 1) {
        const count = counts[slot]!;
        if (count !== 0) matches.add(row, slot, weights === null ? count : count * weights[row]!);
      }
    }
    matches.flush();
  }

  columnsOf(slots: Int32Array): Column[] {
    return this.#rowIndex.keyColumnsOf(slots, slots.length);
  }

  endEpoch(): boolean {
    const touched = this.#touched;
    const gone: number[] = [];
    for (let at = 0; at < touched.count; at++) {
      const slot = touched.list[at]!;
      if (this.#counts[slot]! < 0) return false;
      if (this.#counts[slot] === 0) gone.push(slot);
    }
    touched.clear();
    if (gone.length > 0) this.#remove(Int32Array.from(gone));
    return true;
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
    this.#counts = grownFloat64(this.#counts, slotEnd);
    this.#next = grownInt32(this.#next, slotEnd);
    this.#previous = grownInt32(this.#previous, slotEnd);
    this.#keyOf = grownInt32(this.#keyOf, slotEnd);
    this.#first = grownInt32(this.#first, this.#keyIndex.groupEnd);
    this.#touched.ensureCapacity(slotEnd);
    this.#dirty.ensureCapacity(slotEnd);
  }

  #stateKeys(slots: Int32Array): Batch {
    const columns = this.columnsOf(slots);
    return new Batch(slots.length, [...this.#keys.map((key) => columns[key]!), ...columns]);
  }

  #collectDirty(): { upserts: Batch; deletes: Batch } {
    const slots = this.#dirtySlots();
    this.#dirty.clear();
    const multiplicities = new Float64Array(slots.length);
    for (let at = 0; at < slots.length; at++) multiplicities[at] = this.#counts[slots[at]!]!;
    const counts = new FixedColumn({ kind: 'float8' }, multiplicities, null);
    const upserts = new Batch(slots.length, [...this.#stateKeys(slots).columns, counts]);
    const types = this.state.declaration.columns.slice(0, -1);
    const deletes = this.#deleted.length === 0 ? new BatchBuilder(types, 1).finish() : concatBatches(this.#deleted);
    this.#deleted = [];
    return { upserts, deletes };
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

  #load(rows: Batch): void {
    const columns = rows.columns.slice(this.#keys.length, this.#keys.length + this.#types.length);
    const counts = (rows.columns.at(-1) as FixedColumn).f64;
    this.apply(new Batch(rows.rowCount, columns, Int32Array.from(counts.subarray(0, rows.rowCount))));
    this.#touched.clear();
    this.#dirty.clear();
  }
}
