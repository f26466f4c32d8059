import { Batch, type Column, concatBatches, type Epoch, FixedColumn, gatherBatch } from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { compactBytes } from '../shared/index.ts';
import { emptyBatch } from './multiset-content.ts';
import { fromStateColumns, type StateLayout, stateLayout, toStateColumns } from './state-layout.ts';

/** Subtasks number the rows of an epoch apart from each other. */
const ROWS_PER_SUBTASK = 2 ** 32;
/** Behind the row's columns: epoch, number in the epoch, epoch time in microseconds, weight. */
const FACTS: readonly SqlType[] = [{ kind: 'float8' }, { kind: 'float8' }, { kind: 'float8' }, { kind: 'float8' }];

export interface HeldDelta {
  readonly epoch: Epoch;
  readonly timestampMicros: number;
  readonly batch: Batch;
}

/**
 * Deltas that outlive the process: those of the epochs behind `after`, for a reader that will come back, whatever happens meanwhile. Each is put into state
 * with the checkpoint that follows it and taken out once nobody holds it.
 */
export class HeldDeltas {
  readonly state: StateTable;
  readonly #layout: StateLayout;
  readonly #subtaskIndex: number;
  readonly #restored: (delta: HeldDelta) => void;
  #after: Epoch | null = null;
  /** Not in state yet. */
  #fresh: HeldDelta[] = [];
  /** In state, as they lie there. */
  #saved: { readonly epoch: Epoch; readonly keys: Batch; readonly bytes: number }[] = [];
  #gone: Batch[] = [];
  #bytes = 0;

  constructor(
    types: readonly SqlType[],
    options: { readonly partitionKeys: readonly number[]; readonly subtaskIndex: number },
    restored: (delta: HeldDelta) => void,
  ) {
    this.#subtaskIndex = options.subtaskIndex;
    this.#restored = restored;
    const rows = stateLayout(types, { key: types.map((_, index) => index), partitionKeys: options.partitionKeys, counted: false });
    const declaration = { ...rows.declaration, name: 'held', columns: [...rows.declaration.columns, ...FACTS], keyCount: types.length + 2 };
    this.#layout = { ...rows, declaration };
    this.state = {
      declaration,
      collectDirty: () => this.#collectDirty(),
      load: (loaded) => this.#load(loaded),
      sizeBytes: () => this.#bytes,
      keyCount: () => this.#saved.reduce((sum, { keys }) => sum + keys.rowCount, 0),
    };
  }

  /** The epoch behind which deltas are held; null: none is. */
  get after(): Epoch | null {
    return this.#after;
  }

  /** Holds the deltas of all epochs behind `after` from now on; null lets all go. */
  hold(after: Epoch | null): void {
    this.#after = after;
    this.#release(after ?? Number.POSITIVE_INFINITY);
  }

  add(delta: HeldDelta): void {
    if (this.#after !== null && delta.epoch > this.#after) this.#fresh.push(delta);
  }

  #release(through: Epoch): void {
    this.#fresh = this.#fresh.filter(({ epoch }) => epoch > through);
    for (const { epoch, keys, bytes } of this.#saved) {
      if (epoch > through) continue;
      this.#gone.push(keys);
      this.#bytes -= bytes;
    }
    this.#saved = this.#saved.filter(({ epoch }) => epoch > through);
  }

  #collectDirty(): { upserts: Batch; deletes: Batch } {
    const { declaration } = this.#layout;
    const fresh = this.#fresh.map((delta) => this.#stateRows(delta)).filter((rows) => rows.rowCount > 0);
    this.#fresh = [];
    for (const rows of fresh) this.#keep(rows);
    const gone = this.#gone;
    this.#gone = [];
    return {
      upserts: fresh.length === 0 ? emptyBatch(this.#layout, declaration.columns.length) : concatBatches(fresh),
      deletes: gone.length === 0 ? emptyBatch(this.#layout, declaration.keyCount) : concatBatches(gone),
    };
  }

  #stateRows({ epoch, timestampMicros, batch }: HeldDelta): Batch {
    const { rowCount, columns, weights } = batch;
    const first = this.#subtaskIndex * ROWS_PER_SUBTASK;
    const facts = [
      numbers(rowCount, () => epoch),
      numbers(rowCount, (row) => first + row),
      numbers(rowCount, () => timestampMicros),
      numbers(rowCount, (row) => (weights === null ? 1 : weights[row]!)),
    ];
    return new Batch(rowCount, [...toStateColumns(this.#layout, columns), ...facts]);
  }

  /** Rows of one epoch that lie in state. */
  #keep(rows: Batch): void {
    const keys = new Batch(rows.rowCount, rows.columns.slice(0, this.#layout.declaration.keyCount));
    const bytes = compactBytes(rows);
    this.#bytes += bytes;
    this.#saved.push({ epoch: this.#fact(rows, 0)[0]!, keys, bytes });
  }

  #load(rows: Batch): void {
    const epochs = this.#fact(rows, 0);
    const rowsByEpoch = new Map<Epoch, number[]>();
    for (let row = 0; row < rows.rowCount; row++) {
      const same = rowsByEpoch.get(epochs[row]!);
      if (same === undefined) rowsByEpoch.set(epochs[row]!, [row]);
      else same.push(row);
    }
    for (const [epoch, selected] of rowsByEpoch) {
      const part = gatherBatch(rows, Int32Array.from(selected), selected.length);
      this.#keep(part);
      const weights = Int32Array.from(this.#fact(part, 3).subarray(0, part.rowCount));
      const added = weights.every((weight) => weight === 1);
      const { columns } = fromStateColumns(this.#layout, part);
      if (this.#after === null || epoch <= this.#after) continue;
      this.#restored({ epoch, timestampMicros: this.#fact(part, 2)[0]!, batch: new Batch(part.rowCount, columns, added ? null : weights) });
    }
    this.#release(this.#after ?? Number.POSITIVE_INFINITY);
  }

  #fact(rows: Batch, index: number): Float64Array {
    const column: Column = rows.columns[this.#layout.order.length + index]!;
    return (column as FixedColumn).f64;
  }
}

function numbers(rowCount: number, of: (row: number) => number): FixedColumn {
  return new FixedColumn(
    { kind: 'float8' },
    Float64Array.from({ length: rowCount }, (_, row) => of(row)),
    null,
  );
}
