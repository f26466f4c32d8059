import { Batch, BatchBuilder, type Column, concatBatches, FixedColumn, GroupIndex, readDatum } from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import { compareDatums, type Datum, type SqlType } from '../../types/index.ts';
import { compareRows, grownFloat64, TouchedGroups } from '../shared/index.ts';
import type { SortKeySpec } from '../spec/index.ts';

/** A distinct row: its sort key as values, and where its stored form can be compared with others'. */
interface Entry {
  readonly slot: number;
  readonly keys: readonly (Datum | null)[];
}

/**
 * Distinct rows with multiplicities, kept in an order: by the sort keys, then by the stored form of the whole row, so that equal keys
 * have one order whatever came first.
 */
export class OrderedRows {
  readonly state: StateTable;
  readonly #types: readonly SqlType[];
  readonly #orderBy: readonly SortKeySpec[];
  readonly #index: GroupIndex;
  readonly #touched = new TouchedGroups();
  readonly #dirty = new TouchedGroups();
  #deleted: Batch[] = [];
  #counts: Float64Array<ArrayBuffer> = new Float64Array(64);
  #entries: (Entry | undefined)[] = [];
  #order: Entry[] = [];

  constructor(types: readonly SqlType[], orderBy: readonly SortKeySpec[]) {
    this.#types = types;
    this.#orderBy = orderBy;
    this.#index = new GroupIndex(types);
    this.state = {
      declaration: { name: 'rows', columns: [...types, { kind: 'float8' }], keyCount: types.length, partitionKeyCount: 0 },
      collectDirty: () => this.#collectDirty(),
      load: (rows) => this.#load(rows),
      sizeBytes: () => this.#index.sizeBytes + this.#index.groupEnd * 64,
      keyCount: () => this.#index.groupCount,
    };
  }

  apply(batch: Batch): void {
    const slots = new Int32Array(batch.rowCount);
    this.#index.assign(batch.columns, batch.rowCount, slots);
    const end = this.#index.groupEnd;
    this.#counts = grownFloat64(this.#counts, end);
    this.#touched.ensureCapacity(end);
    this.#dirty.ensureCapacity(end);
    for (let row = 0; row < batch.rowCount; row++) {
      const slot = slots[row]!;
      this.#counts[slot]! += batch.weights === null ? 1 : batch.weights[row]!;
      this.#touched.add(slot);
      this.#dirty.add(slot);
    }
  }

  /** Brings the order up to date. Returns the slots that have gone, still readable until `remove`; null for a negative count. */
  settle(): Int32Array | null {
    const gone: number[] = [];
    const fresh: number[] = [];
    for (let at = 0; at < this.#touched.count; at++) {
      const slot = this.#touched.list[at]!;
      const count = this.#counts[slot]!;
      if (count < 0) return null;
      if (count === 0) gone.push(slot);
      else if (this.#entries[slot] === undefined) fresh.push(slot);
    }
    this.#touched.clear();
    if (gone.length > 0) {
      const leaving = new Set(gone);
      this.#order = this.#order.filter((entry) => !leaving.has(entry.slot));
    }
    this.#insert(Int32Array.from(fresh));
    return Int32Array.from(gone);
  }

  /** Slots and multiplicities of rows `offset` up to `offset + limit` in order, counting each as often as it is there. */
  window(offset: number, limit: number | null): Map<number, number> {
    const shown = new Map<number, number>();
    const end = limit === null ? Number.POSITIVE_INFINITY : offset + limit;
    let position = 0;
    for (const { slot } of this.#order) {
      if (position >= end) break;
      const count = this.#counts[slot]!;
      const visible = Math.min(position + count, end) - Math.max(position, offset);
      if (visible > 0) shown.set(slot, visible);
      position += count;
    }
    return shown;
  }

  columnsOf(slots: Int32Array): Column[] {
    return this.#index.keyColumnsOf(slots, slots.length);
  }

  /** Slots beyond the first `rows` rows, for inputs that never retract: these will never be shown. */
  beyond(rows: number): Int32Array {
    let position = 0;
    let at = 0;
    while (at < this.#order.length && position < rows) position += this.#counts[this.#order[at++]!.slot]!;
    const dropped = this.#order.splice(at);
    return Int32Array.from(dropped, (entry) => entry.slot);
  }

  remove(slots: Int32Array): void {
    if (slots.length === 0) return;
    this.#deleted.push(new Batch(slots.length, this.columnsOf(slots)));
    for (const slot of slots) {
      this.#counts[slot] = 0;
      this.#entries[slot] = undefined;
      this.#index.remove(slot);
    }
  }

  #insert(slots: Int32Array): void {
    if (slots.length === 0) return;
    const columns = this.columnsOf(slots);
    const fresh = Array.from(slots, (slot, row): Entry => {
      const entry = { slot, keys: this.#orderBy.map((key) => readDatum(columns[key.column]!, row)) };
      this.#entries[slot] = entry;
      return entry;
    });
    fresh.sort((left, right) => this.#compare(left, right));
    this.#order = this.#merge(this.#order, fresh);
  }

  #merge(left: readonly Entry[], right: readonly Entry[]): Entry[] {
    const merged: Entry[] = [];
    let at = 0;
    for (const entry of right) {
      while (at < left.length && this.#compare(left[at]!, entry) <= 0) merged.push(left[at++]!);
      merged.push(entry);
    }
    while (at < left.length) merged.push(left[at++]!);
    return merged;
  }

  #compare(left: Entry, right: Entry): number {
    for (let index = 0; index < this.#orderBy.length; index++) {
      const order = compareKey(this.#orderBy[index]!, this.#types, left.keys[index]!, right.keys[index]!);
      if (order !== 0) return order;
    }
    return compareRows(this.columnsOf(Int32Array.of(left.slot, right.slot)), 0, 1);
  }

  #collectDirty(): { upserts: Batch; deletes: Batch } {
    const slots = this.#dirty.list.slice(0, this.#dirty.count).filter((slot) => this.#entries[slot] !== undefined);
    this.#dirty.clear();
    const counts = new FixedColumn(
      { kind: 'float8' },
      Float64Array.from(slots, (slot) => this.#counts[slot]!),
      null,
    );
    const upserts = new Batch(slots.length, [...this.columnsOf(slots), counts]);
    const deletes = this.#deleted.length === 0 ? new BatchBuilder(this.#types, 1).finish() : concatBatches(this.#deleted);
    this.#deleted = [];
    return { upserts, deletes };
  }

  #load(rows: Batch): void {
    const counts = (rows.columns.at(-1) as FixedColumn).f64;
    this.apply(new Batch(rows.rowCount, rows.columns.slice(0, -1), Int32Array.from(counts.subarray(0, rows.rowCount))));
    this.settle();
    this.#dirty.clear();
  }
}

function compareKey(key: SortKeySpec, types: readonly SqlType[], left: Datum | null, right: Datum | null): number {
  if (left === null || right === null) {
    if (left === right) return 0;
    return (left === null) === key.nullsFirst ? -1 : 1;
  }
  const order = compareDatums(types[key.column]!, left, right);
  return key.descending ? -order : order;
}
