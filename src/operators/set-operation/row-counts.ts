import { Batch, type Column, concatBatches, FixedColumn, GroupIndex, keyColumns, presentableKeyColumn } from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { grownFloat64, TouchedGroups } from '../shared/index.ts';

const countType: SqlType = { kind: 'float8' };

/** How often each row is there on the left and on the right. Within an epoch a count may be negative; a row that both have lost is forgotten. */
export class RowCounts {
  readonly state: StateTable;
  readonly #types: readonly SqlType[];
  readonly #positions: readonly number[];
  readonly #index: GroupIndex;
  readonly #counts: [Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>] = [new Float64Array(64), new Float64Array(64)];
  readonly #dirty = new TouchedGroups();
  #deleted: Batch[] = [];
  #found = new Int32Array(0);

  constructor(types: readonly SqlType[]) {
    this.#types = types;
    this.#positions = types.map((_, index) => index);
    this.#index = new GroupIndex(types);
    this.state = {
      declaration: { name: 'rows', columns: [...types, countType, countType], keyCount: types.length, partitionKeyCount: types.length },
      collectDirty: () => this.#collectDirty(),
      load: (rows) => this.#load(rows),
      sizeBytes: () => this.#index.sizeBytes + this.#index.groupEnd * 16,
      keyCount: () => this.#index.groupCount,
    };
  }

  /** One above the highest number of a row. */
  get end(): number {
    return this.#index.groupEnd;
  }

  /** The number of each row, known or new; valid until the next call. */
  find(batch: Batch): Int32Array {
    if (this.#found.length < batch.rowCount) this.#found = new Int32Array(batch.rowCount);
    this.#index.assign(keyColumns(batch, this.#positions), batch.rowCount, this.#found);
    this.#ensureCapacity();
    return this.#found;
  }

  add(side: 0 | 1, rows: Int32Array, { rowCount, weights }: Batch): void {
    const counts = this.#counts[side];
    if (weights === null) for (let row = 0; row < rowCount; row++) counts[rows[row]!]!++;
    else for (let row = 0; row < rowCount; row++) counts[rows[row]!]! += weights[row]!;
  }

  countOf(side: 0 | 1, row: number): number {
    return this.#counts[side][row]!;
  }

  isNegative(row: number): boolean {
    return this.#counts[0][row]! < 0 || this.#counts[1][row]! < 0;
  }

  /** Rows by number, as a query shows them. */
  columnsOf(rows: Int32Array, count: number): Column[] {
    return this.#index.keyColumnsOf(rows, count).map((column) => presentableKeyColumn(column, count));
  }

  /** Ends an epoch for the rows it has touched: they are part of the next checkpoint. */
  settle(rows: Int32Array, count: number): void {
    const gone = new Int32Array(count);
    let goneCount = 0;
    for (let at = 0; at < count; at++) {
      const row = rows[at]!;
      this.#dirty.add(row);
      if (this.#counts[0][row] === 0 && this.#counts[1][row] === 0) gone[goneCount++] = row;
    }
    if (goneCount === 0) return;
    this.#deleted.push(new Batch(goneCount, this.#index.keyColumnsOf(gone, goneCount)));
    for (let at = 0; at < goneCount; at++) this.#index.remove(gone[at]!);
  }

  #ensureCapacity(): void {
    const { groupEnd } = this.#index;
    this.#counts[0] = grownFloat64(this.#counts[0], groupEnd);
    this.#counts[1] = grownFloat64(this.#counts[1], groupEnd);
    this.#dirty.ensureCapacity(groupEnd);
  }

  #collectDirty(): { readonly upserts: Batch; readonly deletes: Batch } {
    // A number that was given back may stand for another row by now; that row is saved as it is.
    const live = this.#dirty.list.subarray(0, this.#dirty.count).filter((row) => this.#index.isLive(row));
    this.#dirty.clear();
    const counts = this.#counts.map(
      (side) =>
        new FixedColumn(
          countType,
          Float64Array.from(live, (row) => side[row]!),
          null,
        ),
    );
    const upserts = new Batch(live.length, [...this.#index.keyColumnsOf(live, live.length), ...counts]);
    const deletes = this.#deleted.length === 0 ? new Batch(0, this.#index.keyColumnsOf(new Int32Array(0), 0)) : this.#deletedKeys();
    this.#deleted = [];
    return { upserts, deletes };
  }

  #deletedKeys(): Batch {
    if (this.#types.length > 0) return concatBatches(this.#deleted);
    return new Batch(
      this.#deleted.reduce((total, batch) => total + batch.rowCount, 0),
      [],
    );
  }

  #load(rows: Batch): void {
    const width = this.#types.length;
    const found = this.find(new Batch(rows.rowCount, rows.columns.slice(0, width)));
    for (const side of [0, 1] as const) {
      const saved = (rows.columns[width + side] as FixedColumn).f64;
      for (let row = 0; row < rows.rowCount; row++) this.#counts[side][found[row]!] = saved[row]!;
    }
  }
}
