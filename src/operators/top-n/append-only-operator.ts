import { type Barrier, Batch, BatchBuilder, columnFromDatums, FixedColumn } from '../../batch/index.ts';
import type { Operator, OperatorEnvironment, Output, StateTable } from '../../spi/index.ts';
import { int8Type, type SqlType } from '../../types/index.ts';
import { emitInBatches } from '../shared/index.ts';
import { type ChangedPartition, FirstRows, type PlacedRows } from './first-rows.ts';
import type { TopNSpec } from './spec.ts';

/** A list of more rows takes too long to walk. */
const LIMIT_MAX = 128;

/** True where the first few rows of each partition are all that is ever shown, and all that has to be kept. */
export function isFirstOfAppended(spec: TopNSpec, appendOnly: boolean): boolean {
  const { ranking, from, to, offset, window, stateTtlMs } = spec;
  // The first rows as they are kept there cannot be forgotten.
  if (stateTtlMs != null) return false;
  return appendOnly && ranking === 'row-number' && from === 1 && offset === 0 && to !== null && to > 0 && to <= LIMIT_MAX && window === null;
}

/** The first few rows of each partition of an input that only grows. State: those rows, by partition and a place in it that says nothing of the order. */
export class AppendOnlyTopN implements Operator {
  readonly #spec: TopNSpec;
  readonly #environment: OperatorEnvironment;
  readonly #types: readonly SqlType[];
  readonly #rows: FirstRows;
  #slots: number[] = [];
  #weights: number[] = [];
  #numbers: number[] = [];

  constructor(spec: TopNSpec, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    this.#types = environment.inputColumns[0]!.map((column) => column.type);
    this.#rows = new FirstRows(this.#types, spec);
    environment.registerState(this.#stateTable());
  }

  processBatch(_input: number, batch: Batch): void {
    this.#rows.add(batch, this.#rows.keysOf(batch));
  }

  processBarrier(_barrier: Barrier, out: Output): void {
    for (const partition of this.#rows.changed()) {
      if (this.#spec.numbered) this.#addNumbered(partition);
      else this.#addDifference(partition);
    }
    this.#emit(out);
    this.#rows.endEpoch();
  }

  /** What stands under a number is another row, or there was none; rows only ever move back, so no number loses its row. */
  #addNumbered({ before, after }: ChangedPartition): void {
    for (let number = 1; number <= after.length; number++) {
      const slot = after[after.length - number]!;
      const old = number <= before.length ? before[before.length - number]! : -1;
      if (old === slot || (old !== -1 && this.#rows.isEqual(old, slot))) continue;
      if (old !== -1) this.#add(old, -1, number);
      this.#add(slot, 1, number);
    }
  }

  /** Rows pushed out equal none that have come in, which would stand behind them. Equal ones among either stand together. */
  #addDifference({ before, after }: ChangedPartition): void {
    let previous = -1;
    for (const slot of before) {
      if (!this.#rows.isGone(slot)) continue;
      this.#addCounted(slot, previous, -1);
      previous = slot;
    }
    previous = -1;
    for (const slot of after) {
      if (!this.#rows.isFresh(slot)) continue;
      this.#addCounted(slot, previous, 1);
      previous = slot;
    }
  }

  #addCounted(slot: number, previous: number, weight: number): void {
    if (previous !== -1 && this.#rows.isEqual(previous, slot)) this.#weights[this.#weights.length - 1]! += weight;
    else this.#add(slot, weight, 0);
  }

  #add(slot: number, weight: number, number: number): void {
    this.#slots.push(slot);
    this.#weights.push(weight);
    this.#numbers.push(number);
  }

  #emit(out: Output): void {
    const count = this.#slots.length;
    if (count === 0) return;
    const columns = this.#rows.columnsOf(Int32Array.from(this.#slots));
    if (this.#spec.numbered) columns.push(columnFromDatums(int8Type, this.#numbers.map(BigInt)));
    const inserts = this.#weights.every((weight) => weight === 1);
    emitInBatches(new Batch(count, columns, inserts ? null : Int32Array.from(this.#weights)), this.#environment.batchRows, out);
    this.#slots = [];
    this.#weights = [];
    this.#numbers = [];
  }

  /** The partition is there in canonical form, for the key, and as the row has it. */
  #stateTable(): StateTable {
    const { partitionCount, partitionKeyCount } = this.#spec;
    const keyTypes: readonly SqlType[] = [...this.#types.slice(0, partitionCount), { kind: 'float8' }];
    return {
      declaration: { name: 'first-rows', columns: [...keyTypes, ...this.#types], keyCount: keyTypes.length, partitionKeyCount },
      collectDirty: () => ({ upserts: this.#stateRows(this.#rows.takeDirty()), deletes: new BatchBuilder(keyTypes, 1).finish() }),
      all: () => this.#stateRows(this.#rows.all()),
      load: ({ rowCount, columns }) => {
        const places = Int32Array.from((columns[partitionCount] as FixedColumn).f64.subarray(0, rowCount));
        const rows = new Batch(rowCount, columns.slice(keyTypes.length));
        this.#rows.restore({ rows, places, shown: !this.#environment.showsRestored }, columns.slice(0, partitionCount));
      },
      sizeBytes: () => this.#rows.sizeBytes(),
      keyCount: () => this.#rows.rowCount,
    };
  }

  #stateRows({ slots, places, partitionKeys }: PlacedRows): Batch {
    const placeColumn = new FixedColumn({ kind: 'float8' }, Float64Array.from(places), null);
    return new Batch(slots.length, [...partitionKeys, placeColumn, ...this.#rows.columnsOf(slots)]);
  }
}
