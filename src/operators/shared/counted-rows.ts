import { Batch, BatchBuilder, type Column, concatBatches, FixedColumn, GroupIndex, keyColumns } from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { grownFloat64 } from './grow-array.ts';
import { TouchedGroups } from './touched-groups.ts';

const float8Type: SqlType = { kind: 'float8' };

interface CountedRowsOptions {
  readonly types: readonly SqlType[];
  /** Columns that decide where a row lives, and how many of them its key group. */
  readonly partitionBy: readonly number[];
  readonly partitionKeyCount: number;
  /** Bytes the owner keeps for each slot. */
  readonly slotBytes: number;
  /** A number by slot that is saved with the row. */
  readonly note?: (slot: number) => number;
  /** See StateTable.dueTimes, of a slot. */
  readonly dueTime?: (slot: number) => number;
  /** Takes rows of the state, with their notes, and adds them; that makes none dirty. */
  readonly load: (rows: Batch, notes: Float64Array) => void;
}

/**
 * Distinct rows (byte for byte) with a multiplicity, found by all columns, and their state table. A slot is the number of a distinct row; its owner
 * keeps what else is to be known of it in arrays by slot.
 */
export class CountedRows {
  readonly state: StateTable;
  readonly #options: CountedRowsOptions;
  readonly #index: GroupIndex;
  readonly #keyTypes: readonly SqlType[];
  readonly #dirty = new TouchedGroups();
  #deleted: Batch[] = [];
  /** Rows that are added are those of the state. */
  #loading = false;
  #counts: Float64Array<ArrayBuffer> = new Float64Array(64);

  constructor(options: CountedRowsOptions) {
    const { types, partitionBy, partitionKeyCount, slotBytes, dueTime } = options;
    this.#options = options;
    this.#index = new GroupIndex(types);
    // The partition's columns come first to decide the key group, and again at their place among all columns.
    this.#keyTypes = [...partitionBy.map((column) => types[column]!), ...types];
    this.state = {
      declaration: {
        name: 'rows',
        columns: [...this.#keyTypes, float8Type, float8Type],
        keyCount: this.#keyTypes.length,
        partitionKeyCount,
        exactKeys: true,
      },
      collectDirty: () => this.#collectDirty(),
      load: (rows) => this.#load(rows),
      all: () => this.#stateRows(this.#index.liveGroups()),
      ...(dueTime === undefined ? {} : { dueTimes: () => Float64Array.from(this.#index.liveGroups(), dueTime) }),
      sizeBytes: () => this.#index.sizeBytes + this.#index.groupEnd * (8 + slotBytes),
      keyCount: () => this.#index.groupCount,
    };
  }

  /** One above the highest slot. */
  get slotEnd(): number {
    return this.#index.groupEnd;
  }

  /** Adds rows, negative weights take away; returns each row's slot. */
  add(batch: Batch): Int32Array {
    const { rowCount, weights } = batch;
    const slots = new Int32Array(rowCount);
    this.#index.assign(batch.columns, rowCount, slots);
    this.#counts = grownFloat64(this.#counts, this.slotEnd);
    this.#dirty.ensureCapacity(this.slotEnd);
    for (let row = 0; row < rowCount; row++) {
      this.#counts[slots[row]!]! += weights === null ? 1 : weights[row]!;
      if (!this.#loading) this.#dirty.add(slots[row]!);
    }
    return slots;
  }

  countOf(slot: number): number {
    return this.#counts[slot]!;
  }

  isLive(slot: number): boolean {
    return this.#index.isLive(slot);
  }

  /** The slot's note has changed. */
  markDirty(slot: number): void {
    this.#dirty.add(slot);
  }

  columnsOf(slots: ArrayLike<number>): Column[] {
    return this.#index.keyColumnsOf(Int32Array.from(slots), slots.length);
  }

  /** Forgets rows; their slots may be used again. */
  remove(slots: readonly number[]): void {
    if (slots.length === 0) return;
    this.#deleted.push(this.#stateKeys(slots));
    for (const slot of slots) {
      this.#counts[slot] = 0;
      this.#index.remove(slot);
    }
  }

  #stateKeys(slots: ArrayLike<number>): Batch {
    const rows = new Batch(slots.length, this.columnsOf(slots));
    return new Batch(slots.length, [...keyColumns(rows, this.#options.partitionBy), ...rows.columns]);
  }

  #collectDirty(): { upserts: Batch; deletes: Batch } {
    const slots = [...this.#dirty.list.subarray(0, this.#dirty.count)].filter((slot) => this.#index.isLive(slot));
    this.#dirty.clear();
    const deletes = this.#deleted.length === 0 ? new BatchBuilder(this.#keyTypes, 1).finish() : concatBatches(this.#deleted);
    this.#deleted = [];
    return { upserts: this.#stateRows(slots), deletes };
  }

  #stateRows(slots: ArrayLike<number>): Batch {
    const { note } = this.#options;
    const counts = numbers(slots, (slot) => this.#counts[slot]!);
    const notes = numbers(slots, (slot) => note?.(slot) ?? 0);
    return new Batch(slots.length, [...this.#stateKeys(slots).columns, counts, notes]);
  }

  #load(rows: Batch): void {
    const counts = (rows.columns.at(-2) as FixedColumn).f64;
    const notes = (rows.columns.at(-1) as FixedColumn).f64;
    const columns = rows.columns.slice(this.#options.partitionBy.length, -2);
    this.#loading = true;
    this.#options.load(new Batch(rows.rowCount, columns, Int32Array.from(counts.subarray(0, rows.rowCount))), notes);
    this.#loading = false;
  }
}

function numbers(slots: ArrayLike<number>, value: (slot: number) => number): FixedColumn {
  return new FixedColumn(float8Type, Float64Array.from(slots, value), null);
}
