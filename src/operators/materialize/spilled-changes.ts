import { Batch, type Epoch, FixedColumn, GroupIndex, gatherBatch, keyColumns } from '../../batch/index.ts';
import type { TableChanges } from '../../runtime/index.ts';
import { AppendedRows } from '../shared/index.ts';
import type { RowLookup } from './row-lookup.ts';
import { fromStateColumns, type StateLayout, toStateColumns, toStateKeys } from './state-layout.ts';

/** What rows out of memory are in the state table, which is the same as that of the content in memory. */
export interface SpilledChanges {
  /** Absolute changes of the table by a net delta; null where it would have a row a negative number of times, or two of one key. */
  of(delta: Batch, epoch: Epoch): (TableChanges & { readonly keys: number }) | null;
  /** Rows of the table, with weights. */
  loaded(rows: Batch): Batch;
  /** Net rows as they are in the table. Absent: they never come back. */
  stored?(rows: Batch): Batch;
  /** All rows of some keys, net: false where they cannot be. */
  areSound(rows: Batch): boolean;
}

/** Rows with a unique key. What is there is not looked at: a row comes to a key that is free or becomes free in the same delta. */
export class KeyedChanges implements SpilledChanges {
  readonly #layout: StateLayout;
  readonly #key: readonly number[];

  constructor(layout: StateLayout, key: readonly number[]) {
    this.#layout = layout;
    this.#key = key;
  }

  of(delta: Batch): (TableChanges & { readonly keys: number }) | null {
    const { added, removed } = split(delta);
    if (!this.areSound(added) || !this.areSound(removed)) return null;
    const put = new Batch(added.rowCount, toStateColumns(this.#layout, added.columns));
    const all = this.#layout.order.slice(0, this.#layout.declaration.keyCount);
    const index = new GroupIndex(all.map((column) => delta.columns[column]!.type));
    index.assign(keyColumns(added, all), added.rowCount, new Int32Array(added.rowCount));
    const found = new Int32Array(removed.rowCount);
    index.lookup(keyColumns(removed, all), removed.rowCount, found);
    const keys = toStateKeys(this.#layout, removed);
    const gone = Int32Array.from(found.keys()).filter((row) => found[row] === -1);
    return { upserts: put, deletes: gatherBatch(keys, gone, gone.length), keys: added.rowCount - removed.rowCount };
  }

  loaded(rows: Batch): Batch {
    return fromStateColumns(this.#layout, rows);
  }

  stored({ rowCount, columns }: Batch): Batch {
    return new Batch(rowCount, toStateColumns(this.#layout, columns));
  }

  areSound(rows: Batch): boolean {
    if (rows.weights?.some((weight) => weight !== 1)) return false;
    const index = new GroupIndex(this.#key.map((column) => rows.columns[column]!.type));
    const groups = new Int32Array(rows.rowCount);
    index.assign(keyColumns(rows, this.#key), rows.rowCount, groups);
    return index.groupCount === rows.rowCount;
  }
}

/** Rows without a key, with multiplicities: those that are there are looked up. */
export class CountedChanges implements SpilledChanges {
  readonly #layout: StateLayout;
  readonly #lookup: RowLookup;

  constructor(layout: StateLayout, lookup: RowLookup) {
    this.#layout = layout;
    this.#lookup = lookup;
  }

  of(delta: Batch): (TableChanges & { readonly keys: number }) | null {
    const { rowCount, columns, weights } = delta;
    const counts = this.#lookup.countsOf(delta);
    const kept: number[] = [];
    const gone: number[] = [];
    let keys = 0;
    for (let row = 0; row < rowCount; row++) {
      if (counts[row] === 0) keys++;
      counts[row]! += weights === null ? 1 : weights[row]!;
      if (counts[row]! < 0) return null;
      (counts[row] === 0 ? gone : kept).push(row);
    }
    const rows = gatherBatch(new Batch(rowCount, columns), Int32Array.from(kept), kept.length);
    const keptCounts = Float64Array.from(kept, (row) => counts[row]!);
    const deleted = gatherBatch(new Batch(rowCount, columns), Int32Array.from(gone), gone.length);
    return {
      upserts: new Batch(kept.length, [...toStateColumns(this.#layout, rows.columns), new FixedColumn({ kind: 'float8' }, keptCounts, null)]),
      deletes: toStateKeys(this.#layout, deleted),
      keys: keys - gone.length,
    };
  }

  loaded(rows: Batch): Batch {
    const counts = (rows.columns.at(-1) as FixedColumn).f64;
    return new Batch(rows.rowCount, fromStateColumns(this.#layout, rows).columns, Int32Array.from(counts.subarray(0, rows.rowCount)));
  }

  stored({ rowCount, columns, weights }: Batch): Batch {
    const counts = weights === null ? new Float64Array(rowCount).fill(1) : Float64Array.from(weights.subarray(0, rowCount));
    return new Batch(rowCount, [...toStateColumns(this.#layout, columns), new FixedColumn({ kind: 'float8' }, counts, null)]);
  }

  areSound({ weights }: Batch): boolean {
    return weights === null || !weights.some((weight) => weight < 0);
  }
}

/** Rows that are only added, each with the epoch it came in and a number. */
export class AppendedChanges implements SpilledChanges {
  readonly #layout: StateLayout;
  readonly #appended: AppendedRows;

  constructor(layout: StateLayout, subtaskIndex: number) {
    this.#layout = layout;
    this.#appended = new AppendedRows(subtaskIndex);
  }

  of({ rowCount, columns }: Batch, epoch: Epoch): TableChanges & { readonly keys: number } {
    const epochs = new FixedColumn({ kind: 'float8' }, new Float64Array(rowCount).fill(epoch), null);
    const upserts = this.#appended.numbered(new Batch(rowCount, [...toStateColumns(this.#layout, columns), epochs]));
    return { upserts, deletes: gatherBatch(upserts, new Int32Array(0), 0), keys: rowCount };
  }

  loaded(rows: Batch): Batch {
    this.#appended.loaded(rows);
    return fromStateColumns(this.#layout, rows);
  }

  areSound(): boolean {
    return true;
  }
}

/** Rows that come and rows that go; equal rows stand once, as in a net delta. */
function split({ rowCount, columns, weights }: Batch): { readonly added: Batch; readonly removed: Batch } {
  const rows = Int32Array.from({ length: rowCount }, (_, row) => row);
  const pick = (wanted: (weight: number) => boolean): Batch => {
    const selection = weights === null ? (wanted(1) ? rows : new Int32Array(0)) : rows.filter((row) => wanted(weights[row]!));
    const picked = gatherBatch(new Batch(rowCount, columns), selection, selection.length);
    return new Batch(selection.length, picked.columns, weights === null ? null : selection.map((row) => Math.abs(weights[row]!)));
  };
  return { added: pick((weight) => weight > 0), removed: pick((weight) => weight < 0) };
}
