import { Batch, concatBatches, decodeBatch, GroupIndex, gatherBatch, keyColumns } from '../../batch/index.ts';
import type { KeyRange, StateTable } from '../../spi/index.ts';
import { compareBytes, type SqlType } from '../../types/index.ts';
import { RowStore, type StoredRows, TouchedGroups } from '../shared/index.ts';
import { ContentIndexes } from './content-indexes.ts';
import type { RelationContent } from './materialized-relation.ts';
import { emptyBatch } from './multiset-content.ts';
import { netOfUpserts } from './net-of-upserts.ts';
import type { MaterializeSpec } from './spec.ts';
import { fromStateColumns, type StateLayout, stateLayout, toStateColumns, toStateKeys } from './state-layout.ts';

/** Rows with a unique key: a change of a key's row replaces it in place, one look-up a row. */
export class KeyedContent implements RelationContent {
  readonly state: StateTable;
  readonly #types: readonly SqlType[];
  readonly #key: readonly number[];
  readonly #layout: StateLayout;
  /** True when the state key is the key itself, so that a replaced row needs no deletion. */
  readonly #sameStateKey: boolean;
  readonly #index: GroupIndex;
  readonly #rows = new RowStore();
  readonly #indexes: ContentIndexes;
  readonly #dirty = new TouchedGroups();
  #present: Uint8Array<ArrayBuffer> = new Uint8Array(64);
  #deleted: Batch[] = [];

  constructor(types: readonly SqlType[], spec: MaterializeSpec, key: readonly number[]) {
    this.#types = types;
    this.#indexes = new ContentIndexes(this.#rows, types);
    this.#key = key;
    this.#index = new GroupIndex(key.map((column) => types[column]!));
    this.#layout = stateLayout(types, { key, partitionKeys: spec.partitionKeys, counted: false });
    this.#sameStateKey = spec.partitionKeys.every((column) => key.includes(column));
    this.state = {
      declaration: this.#layout.declaration,
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
    for (let row = 0; row < rowCount; row++) {
      if (weights !== null && weights[row] !== 1) {
        if (weights[row] !== -1 || this.#present[groups[row]!] === 0) return false;
        this.#present[groups[row]!] = 0;
        this.#indexes.remove(groups[row]!);
        this.#rows.remove(groups[row]!);
        removed[removedCount++] = row;
      }
    }
    for (let row = 0; row < rowCount; row++) {
      if (weights !== null && weights[row] !== 1) continue;
      if (this.#present[groups[row]!] === 1) return false;
      this.#present[groups[row]!] = 1;
      added[addedCount++] = row;
    }
    for (let row = 0; row < rowCount; row++) this.#dirty.add(groups[row]!);
    const slots = added.subarray(0, addedCount).map((row) => groups[row]!);
    this.#rows.insert(gatherBatch(delta, added, addedCount), slots, new Int32Array(addedCount).fill(1));
    this.#indexes.add(slots);
    this.#forget(delta, groups, removed.subarray(0, removedCount));
    this.#rows.compact();
    return true;
  }

  netOfUpserts(rows: Batch): { readonly delta: Batch; readonly unknownCount: number } {
    const { delta, unknown } = netOfUpserts(rows, this.#assign(rows), {
      isPresent: (group) => this.#present[group] === 1,
      isEqual: (group, { columns }, row) => this.#rows.holds(group, columns, row),
      rowsOf: (groups) => this.#rows.rowsOf(groups, groups.length)?.batch ?? null,
    });
    for (const group of unknown) this.#index.remove(group);
    return { delta, unknownCount: unknown.length };
  }

  snapshot(): StoredRows[] {
    return this.#rows.snapshot();
  }

  find(range: KeyRange): StoredRows | null {
    const slots = this.#slotOfKey(range) ?? this.#indexes.lookUp(range);
    return this.#rows.rowsOf(slots, slots.length);
  }

  dropIndex(columns: readonly number[]): void {
    this.#indexes.drop(columns);
  }

  /** The slot of the one key that is asked for, where one is; null for another range. */
  #slotOfKey({ columns, low, high }: KeyRange): Int32Array | null {
    if (columns.length !== this.#key.length || low === null || high === null || !low.inclusive || !high.inclusive) return null;
    if (compareBytes(low.values, high.values) !== 0) return null;
    const values = decodeBatch(low.values);
    const places = this.#key.map((column) => columns.indexOf(column));
    if (values.columns.length !== columns.length || places.includes(-1)) return null;
    const groups = new Int32Array(1);
    this.#index.lookup(keyColumns(values, places), 1, groups);
    return groups[0] === -1 ? new Int32Array(0) : groups;
  }

  #assign(batch: Batch): Int32Array {
    const groups = new Int32Array(batch.rowCount);
    this.#index.assign(keyColumns(batch, this.#key), batch.rowCount, groups);
    const end = this.#index.groupEnd;
    this.#rows.ensureCapacity(end);
    this.#dirty.ensureCapacity(end);
    if (end > this.#present.length) {
      const grown = new Uint8Array(Math.max(end, this.#present.length * 2));
      grown.set(this.#present);
      this.#present = grown;
    }
    return groups;
  }

  /** Keys that have lost their row and got no other are dropped; state keys of replaced rows are deleted where they may differ. */
  #forget(delta: Batch, groups: Int32Array, removed: Int32Array): void {
    const gone = removed.filter((row) => !this.#sameStateKey || this.#present[groups[row]!] === 0);
    if (gone.length === 0) return;
    this.#deleted.push(toStateKeys(this.#layout, gatherBatch(delta, gone, gone.length)));
    for (const row of gone) {
      const group = groups[row]!;
      if (this.#present[group] === 0) this.#index.remove(group);
    }
  }

  #collectDirty(): { upserts: Batch; deletes: Batch } {
    const slots = this.#dirty.list.slice(0, this.#dirty.count).filter((group) => this.#present[group] === 1);
    this.#dirty.clear();
    const stored = this.#rows.rowsOf(slots, slots.length);
    const deletes = this.#deleted.length === 0 ? emptyBatch(this.#layout, this.#layout.declaration.keyCount) : concatBatches(this.#deleted);
    this.#deleted = [];
    if (stored === null) return { upserts: emptyBatch(this.#layout, this.#types.length), deletes };
    return { upserts: new Batch(slots.length, toStateColumns(this.#layout, stored.batch.columns)), deletes };
  }

  #load(rows: Batch): void {
    const batch = fromStateColumns(this.#layout, rows);
    const groups = this.#assign(batch);
    for (const group of groups) this.#present[group] = 1;
    this.#rows.insert(batch, groups, new Int32Array(rows.rowCount).fill(1));
    this.#indexes.add(groups);
  }
}
