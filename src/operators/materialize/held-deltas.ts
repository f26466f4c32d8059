import { Batch, type Column, concatBatches, type Epoch, FixedColumn, gatherBatch } from '../../batch/index.ts';
import type { DeltaHold, HeldChange, StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { compactBytes } from '../shared/index.ts';
import { emptyBatch } from './multiset-content.ts';
import { fromStateColumns, type StateLayout, stateLayout, toStateColumns } from './state-layout.ts';

/** Subtasks number the rows of an epoch apart from each other. */
const ROWS_PER_SUBTASK = 2 ** 32;
/** Behind the row's columns: epoch, number in the epoch, epoch time in microseconds, weight. */
const FACTS: readonly SqlType[] = [{ kind: 'float8' }, { kind: 'float8' }, { kind: 'float8' }, { kind: 'float8' }];

/** Of an epoch, as they lie in state. */
interface SavedRows {
  readonly epoch: Epoch;
  readonly timestampMicros: number;
  readonly keys: Batch;
  readonly bytes: number;
}

/**
 * Deltas that outlive the process: those of the epochs behind one, or of the last while, for a reader that will come back, whatever happens meanwhile. Each
 * is put into state with the checkpoint that follows it and taken out once nobody holds it.
 */
export class HeldDeltas {
  readonly state: StateTable;
  readonly #layout: StateLayout;
  readonly #subtaskIndex: number;
  readonly #restored: (delta: HeldChange) => void;
  #hold: DeltaHold = { after: null, forMicros: null };
  /** Epoch time of the newest epoch. */
  #nowMicros = 0;
  /** Not in state yet. */
  #fresh: HeldChange[] = [];
  /** In state. */
  #saved: SavedRows[] = [];
  #gone: Batch[] = [];
  #bytes = 0;

  constructor(
    types: readonly SqlType[],
    options: { readonly partitionKeys: readonly number[]; readonly subtaskIndex: number },
    restored: (delta: HeldChange) => void,
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
    return this.#hold.after;
  }

  /** Deltas of the last while are held, whatever their epoch. */
  get byTime(): boolean {
    return this.#hold.forMicros !== null;
  }

  /** From now on. */
  hold(hold: DeltaHold): void {
    this.#hold = hold;
    this.#release();
  }

  /** An epoch of that time is there: what has become too old goes. */
  timePassed(timestampMicros: number): void {
    this.#nowMicros = timestampMicros;
    const oldest = this.#saved[0] ?? this.#fresh[0];
    if (oldest !== undefined && !this.#holds(oldest)) this.#release();
  }

  add(delta: HeldChange): void {
    if (this.#holds(delta)) this.#fresh.push(delta);
  }

  #holds({ epoch, timestampMicros }: Pick<HeldChange, 'epoch' | 'timestampMicros'>): boolean {
    const { after, forMicros } = this.#hold;
    return (after !== null && epoch > after) || (forMicros !== null && timestampMicros > this.#nowMicros - forMicros);
  }

  #release(): void {
    this.#fresh = this.#fresh.filter((delta) => this.#holds(delta));
    const kept: SavedRows[] = [];
    for (const saved of this.#saved) {
      if (this.#holds(saved)) kept.push(saved);
      else {
        this.#gone.push(saved.keys);
        this.#bytes -= saved.bytes;
      }
    }
    this.#saved = kept;
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

  #stateRows({ epoch, timestampMicros, batch }: HeldChange): Batch {
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
  #keep(rows: Batch): SavedRows {
    const keys = new Batch(rows.rowCount, rows.columns.slice(0, this.#layout.declaration.keyCount));
    const bytes = compactBytes(rows);
    this.#bytes += bytes;
    const saved = { epoch: this.#fact(rows, 0)[0]!, timestampMicros: this.#fact(rows, 2)[0]!, keys, bytes };
    this.#saved.push(saved);
    return saved;
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
      const saved = this.#keep(part);
      if (!this.#holds(saved)) continue;
      const weights = Int32Array.from(this.#fact(part, 3).subarray(0, part.rowCount));
      const added = weights.every((weight) => weight === 1);
      const { columns } = fromStateColumns(this.#layout, part);
      this.#restored({ epoch, timestampMicros: saved.timestampMicros, batch: new Batch(part.rowCount, columns, added ? null : weights) });
    }
    this.#saved.sort((left, right) => left.epoch - right.epoch);
    this.#release();
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
