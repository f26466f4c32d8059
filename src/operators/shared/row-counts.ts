import { Batch, type Column, concatBatches, FixedColumn, GroupIndex, keyColumns, presentableKeyColumn } from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { grownFloat64 } from './grow-array.ts';
import { TouchedGroups } from './touched-groups.ts';

const countType: SqlType = { kind: 'float8' };

interface RowCountsOptions {
  /** Of the state table. */
  readonly name: string;
  readonly types: readonly SqlType[];
  /** Counts a row has. */
  readonly sides: 1 | 2;
  /** Rows are the same when their bytes are; otherwise when their values are equal, as under DISTINCT. */
  readonly exact: boolean;
  /** Leading columns that decide the key group; 0 where one subtask has all rows. */
  readonly partitionKeyCount: number;
  /** Told of the rows a load has brought back, with the number of each. */
  readonly loaded?: (rows: Batch, numbers: Int32Array) => void;
}

/** How often each row is there on each side. Within an epoch a count may be negative; a row that all sides have lost is forgotten. */
export class RowCounts {
  readonly state: StateTable;
  readonly #types: readonly SqlType[];
  readonly #exact: boolean;
  readonly #positions: readonly number[];
  readonly #index: GroupIndex;
  /** By side, then by row. */
  readonly #counts: Float64Array<ArrayBuffer>[];
  readonly #dirty = new TouchedGroups();
  #deleted: Batch[] = [];
  #found = new Int32Array(0);
  readonly #loaded: RowCountsOptions['loaded'];

  constructor({ name, types, sides, exact, partitionKeyCount, loaded }: RowCountsOptions) {
    this.#loaded = loaded;
    this.#types = types;
    this.#exact = exact;
    this.#positions = types.map((_, index) => index);
    this.#index = new GroupIndex(types);
    this.#counts = Array.from({ length: sides }, () => new Float64Array(64));
    this.state = {
      declaration: { name, columns: [...types, ...this.#counts.map(() => countType)], keyCount: types.length, partitionKeyCount, exactKeys: exact },
      collectDirty: () => this.#collectDirty(),
      all: () => this.#stateRows(this.live()),
      load: (rows) => this.#load(rows),
      sizeBytes: () => this.#index.sizeBytes + this.#index.groupEnd * 8 * sides,
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
    this.#index.assign(this.#exact ? batch.columns : keyColumns(batch, this.#positions), batch.rowCount, this.#found);
    this.#ensureCapacity();
    return this.#found;
  }

  add(side: number, rows: Int32Array, { rowCount, weights }: Batch): void {
    const counts = this.#counts[side]!;
    if (weights === null) for (let row = 0; row < rowCount; row++) counts[rows[row]!]!++;
    else for (let row = 0; row < rowCount; row++) counts[rows[row]!]! += weights[row]!;
  }

  countOf(side: number, row: number): number {
    return this.#counts[side]![row]!;
  }

  isNegative(row: number): boolean {
    return this.#counts.some((side) => side[row]! < 0);
  }

  /** Rows by number, as a query shows them. */
  columnsOf(rows: Int32Array, count: number): Column[] {
    const columns = this.#index.keyColumnsOf(rows, count);
    return this.#exact ? columns : columns.map((column) => presentableKeyColumn(column, count));
  }

  /** Numbers of all rows. */
  live(): Int32Array {
    const rows = new Int32Array(this.#index.groupCount);
    let count = 0;
    for (let row = 0; row < this.#index.groupEnd; row++) if (this.#index.isLive(row)) rows[count++] = row;
    return rows;
  }

  /** Ends an epoch for the rows it has touched: they are part of the next checkpoint. Gives the numbers of those that are gone. */
  settle(rows: Int32Array, count: number): Int32Array {
    const gone = new Int32Array(count);
    let goneCount = 0;
    for (let at = 0; at < count; at++) {
      const row = rows[at]!;
      this.#dirty.add(row);
      if (this.#counts.every((side) => side[row] === 0)) gone[goneCount++] = row;
    }
    const forgotten = gone.subarray(0, goneCount);
    this.remove(forgotten);
    return forgotten;
  }

  /** Forgets rows, whatever their counts. Between epochs. */
  remove(rows: Int32Array): void {
    if (rows.length === 0) return;
    this.#deleted.push(new Batch(rows.length, this.#index.keyColumnsOf(rows, rows.length)));
    for (const row of rows) {
      for (const side of this.#counts) side[row] = 0;
      this.#index.remove(row);
    }
  }

  #ensureCapacity(): void {
    const { groupEnd } = this.#index;
    for (const [side, counts] of this.#counts.entries()) this.#counts[side] = grownFloat64(counts, groupEnd);
    this.#dirty.ensureCapacity(groupEnd);
  }

  #collectDirty(): { readonly upserts: Batch; readonly deletes: Batch } {
    // A number that was given back may stand for another row by now; that row is saved as it is.
    const live = this.#dirty.list.subarray(0, this.#dirty.count).filter((row) => this.#index.isLive(row));
    this.#dirty.clear();
    const upserts = this.#stateRows(live);
    const deletes = this.#deleted.length === 0 ? new Batch(0, this.#index.keyColumnsOf(new Int32Array(0), 0)) : this.#deletedKeys();
    this.#deleted = [];
    return { upserts, deletes };
  }

  #stateRows(rows: Int32Array): Batch {
    const counts = this.#counts.map((side) => {
      const values = Float64Array.from(rows, (row) => side[row]!);
      return new FixedColumn(countType, values, null);
    });
    return new Batch(rows.length, [...this.#index.keyColumnsOf(rows, rows.length), ...counts]);
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
    const keys = new Batch(rows.rowCount, rows.columns.slice(0, width));
    const found = this.find(keys);
    for (const [side, counts] of this.#counts.entries()) {
      const saved = (rows.columns[width + side] as FixedColumn).f64;
      for (let row = 0; row < rows.rowCount; row++) counts[found[row]!] = saved[row]!;
    }
    this.#loaded?.(keys, found);
  }
}
