import { Batch, BatchBuilder, concatBatches, FixedColumn, GroupIndex, gatherBatch } from '../../batch/index.ts';
import type { KeyRange, StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { RowStore, type StoredRows, TouchedGroups } from '../shared/index.ts';
import { ContentIndexes } from './content-indexes.ts';
import type { RelationContent } from './materialized-relation.ts';
import type { MaterializeSpec } from './spec.ts';
import { fromStateColumns, type StateLayout, stateLayout, toStateColumns, toStateKeys } from './state-layout.ts';

/** Rows without a key: found by all their columns (byte for byte), each with a multiplicity. */
export class MultisetContent implements RelationContent {
  readonly state: StateTable;
  readonly #types: readonly SqlType[];
  readonly #layout: StateLayout;
  readonly #index: GroupIndex;
  readonly #rows = new RowStore();
  readonly #indexes: ContentIndexes;
  readonly #dirty = new TouchedGroups();
  #deleted: Batch[] = [];

  constructor(types: readonly SqlType[], spec: MaterializeSpec) {
    this.#types = types;
    this.#indexes = new ContentIndexes(this.#rows, types);
    this.#index = new GroupIndex(types);
    const key = types.map((_, index) => index);
    this.#layout = stateLayout(types, { key, partitionKeys: spec.partitionKeys, counted: true });
    this.state = {
      declaration: { ...this.#layout.declaration, exactKeys: true },
      collectDirty: () => this.#collectDirty(),
      load: (rows) => this.#load(rows),
      sizeBytes: () => this.#index.sizeBytes + this.#rows.sizeBytes(),
      keyCount: () => this.#index.groupCount,
    };
  }

  apply(delta: Batch): boolean {
    const { rowCount, weights } = delta;
    const groups = this.#assign(delta);
    const added = new Int32Array(rowCount);
    const removed = new Int32Array(rowCount);
    let addedCount = 0;
    let removedCount = 0;
    const addedCounts = new Map<number, number>();
    for (let row = 0; row < rowCount; row++) {
      const group = groups[row]!;
      const weight = weights === null ? 1 : weights[row]!;
      this.#dirty.add(group);
      if (!this.#known.has(group)) {
        const before = addedCounts.get(group);
        if (before === undefined) added[addedCount++] = row;
        addedCounts.set(group, (before ?? 0) + weight);
        continue;
      }
      const count = this.#rows.countOf(group) + weight;
      if (count < 0) return false;
      if (count > 0) this.#rows.setCount(group, count);
      else removed[removedCount++] = row;
    }
    if (!this.#insert(delta, groups, { rows: added.subarray(0, addedCount), counts: addedCounts })) return false;
    this.#remove(delta, groups, removed.subarray(0, removedCount));
    this.#rows.compact();
    return true;
  }

  snapshot(): StoredRows[] {
    return this.#rows.snapshot();
  }

  find(range: KeyRange): StoredRows | null {
    const slots = this.#indexes.lookUp(range);
    return this.#rows.rowsOf(slots, slots.length);
  }

  dropIndex(columns: readonly number[]): void {
    this.#indexes.drop(columns);
  }

  /** Groups that have a row in the store; a group just made by assign has none yet. */
  readonly #known = new Set<number>();

  #assign(batch: Batch): Int32Array {
    const groups = new Int32Array(batch.rowCount);
    this.#index.assign(batch.columns, batch.rowCount, groups);
    this.#rows.ensureCapacity(this.#index.groupEnd);
    this.#dirty.ensureCapacity(this.#index.groupEnd);
    return groups;
  }

  #insert(delta: Batch, groups: Int32Array, added: { readonly rows: Int32Array; readonly counts: ReadonlyMap<number, number> }): boolean {
    const slots = added.rows.map((row) => groups[row]!);
    const counts = slots.map((group) => added.counts.get(group)!);
    if (counts.some((count) => count <= 0)) return false;
    for (const group of slots) this.#known.add(group);
    this.#rows.insert(gatherBatch(delta, added.rows, added.rows.length), slots, counts);
    this.#indexes.add(slots);
    return true;
  }

  #remove(delta: Batch, groups: Int32Array, rows: Int32Array): void {
    if (rows.length === 0) return;
    this.#deleted.push(toStateKeys(this.#layout, gatherBatch(delta, rows, rows.length)));
    for (const row of rows) {
      const group = groups[row]!;
      this.#indexes.remove(group);
      this.#rows.remove(group);
      this.#known.delete(group);
      this.#index.remove(group);
    }
  }

  #collectDirty(): { upserts: Batch; deletes: Batch } {
    const slots = this.#dirty.list.slice(0, this.#dirty.count).filter((group) => this.#known.has(group));
    this.#dirty.clear();
    const stored = this.#rows.rowsOf(slots, slots.length);
    const deletes = this.#deleted.length === 0 ? emptyBatch(this.#layout, this.#layout.declaration.keyCount) : concatBatches(this.#deleted);
    this.#deleted = [];
    if (stored === null) return { upserts: emptyBatch(this.#layout, this.#types.length + 1), deletes };
    const counts = new FixedColumn({ kind: 'float8' }, Float64Array.from(stored.counts), null);
    return { upserts: new Batch(slots.length, [...toStateColumns(this.#layout, stored.batch.columns), counts]), deletes };
  }

  #load(rows: Batch): void {
    const batch = fromStateColumns(this.#layout, rows);
    const groups = this.#assign(batch);
    for (const group of groups) this.#known.add(group);
    const counts = Int32Array.from((rows.columns.at(-1) as FixedColumn).f64.subarray(0, rows.rowCount));
    this.#rows.insert(batch, groups, counts);
    this.#indexes.add(groups);
  }
}

export function emptyBatch(layout: StateLayout, columnCount: number): Batch {
  return new BatchBuilder(layout.declaration.columns.slice(0, columnCount), 1).finish();
}
