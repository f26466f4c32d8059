import { type Barrier, Batch } from '../../batch/index.ts';
import type { Operator, OperatorEnvironment, OperatorFactory, Output } from '../../spi/index.ts';
import { CountedRows, emitInBatches, grownFloat64, LastTouches, reportForgotten, TouchedGroups, ttlDue } from '../shared/index.ts';
import { type RowTtlSpec, rowTtlSpecCodec } from './spec.ts';

/** The time of an epoch is known with its barrier, so rows wait until then, and what they come to is emitted net. */
class RowTtl implements Operator {
  readonly #environment: OperatorEnvironment;
  readonly #rows: CountedRows;
  readonly #touched = new TouchedGroups();
  readonly #touches: LastTouches;
  /** Multiplicity emitted so far, by slot. */
  #shown: Float64Array<ArrayBuffer> = new Float64Array(64);
  /** Time does not go back, though the barrier that ends an input has none. */
  #nowMicros = Number.NEGATIVE_INFINITY;

  constructor({ ttlMs, partitionBy }: RowTtlSpec, environment: OperatorEnvironment) {
    this.#environment = environment;
    this.#touches = new LastTouches(ttlMs * 1000);
    this.#rows = new CountedRows({
      types: environment.inputColumns[0]!.map((column) => column.type),
      partitionBy,
      partitionKeyCount: partitionBy.length,
      slotBytes: 24,
      note: (slot) => this.#touches.timeOf(slot),
      load: (rows, notes) => this.#load(rows, notes),
    });
    environment.registerState(this.#rows.state);
  }

  processBatch(_input: number, batch: Batch): void {
    const slots = this.#add(batch);
    this.#touched.ensureCapacity(this.#rows.slotEnd);
    for (let row = 0; row < batch.rowCount; row++) this.#touched.add(slots[row]!);
  }

  processBarrier(barrier: Barrier, out: Output): void {
    if (!barrier.last) this.#nowMicros = Math.max(this.#nowMicros, Number(barrier.timestampMicros));
    const slots: number[] = [];
    const weights: number[] = [];
    const gone: number[] = [];
    const change = (slot: number, count: number): void => {
      if (count !== this.#shown[slot]!) {
        slots.push(slot);
        weights.push(count - this.#shown[slot]!);
      }
      this.#shown[slot] = count;
      if (count === 0) gone.push(slot);
    };
    for (let at = 0; at < this.#touched.count; at++) {
      const slot = this.#touched.list[at]!;
      this.#touches.touch(slot, this.#nowMicros);
      change(slot, this.#knownCount(slot));
    }
    this.#touched.clear();
    for (const slot of gone) this.#touches.forget(slot);
    if (barrier.rowsFollow !== true) for (const slot of this.#touches.take(this.#nowMicros)) change(slot, 0);
    this.#emit(slots, weights, out);
    this.#rows.remove(gone);
  }

  #add(batch: Batch): Int32Array {
    const slots = this.#rows.add(batch);
    this.#shown = grownFloat64(this.#shown, this.#rows.slotEnd);
    return slots;
  }

  /** A row that is taken back after it was forgotten is not there. */
  #knownCount(slot: number): number {
    const count = this.#rows.countOf(slot);
    if (count < 0) reportForgotten(-count, 'row-ttl', this.#environment);
    return Math.max(count, 0);
  }

  #emit(slots: readonly number[], weights: readonly number[], out: Output): void {
    if (slots.length === 0) return;
    const inserts = weights.every((weight) => weight === 1);
    emitInBatches(new Batch(slots.length, this.#rows.columnsOf(slots), inserts ? null : Int32Array.from(weights)), this.#environment.batchRows, out);
  }

  #load(rows: Batch, notes: Float64Array): void {
    const slots = this.#add(rows);
    for (let row = 0; row < rows.rowCount; row++) {
      this.#shown[slots[row]!] = this.#rows.countOf(slots[row]!);
      this.#touches.touch(slots[row]!, notes[row]!);
    }
  }
}

export const rowTtlFactory: OperatorFactory = {
  kind: rowTtlSpecCodec.kind,
  version: rowTtlSpecCodec.version,
  create: (parameters, environment) => new RowTtl(rowTtlSpecCodec.decode(parameters), environment),
  spillKeys: (parameters) => {
    const { partitionBy } = rowTtlSpecCodec.decode(parameters);
    return partitionBy.length === 0 ? null : [partitionBy];
  },
  spillDue: (parameters, { inputColumns }) => {
    const { ttlMs, partitionBy } = rowTtlSpecCodec.decode(parameters);
    // Keys, columns, how often a row is there, and when it was touched.
    return [ttlDue('rows', partitionBy.length + inputColumns[0]!.length + 1, ttlMs)];
  },
};
