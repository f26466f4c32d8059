import { SqlError, SqlState } from '../../base/index.ts';
import { type Barrier, Batch } from '../../batch/index.ts';
import type { Operator, OperatorEnvironment, OperatorFactory, Output } from '../../spi/index.ts';
import { emitInBatches } from '../shared/index.ts';
import { OrderedRows } from './ordered-rows.ts';
import { type TopNSpec, topNSpecCodec } from './spec.ts';

/** The first rows of an order, maintained: at each barrier what has left the window is retracted and what has come in is inserted. */
class TopN implements Operator {
  readonly #spec: TopNSpec;
  readonly #environment: OperatorEnvironment;
  readonly #rows: OrderedRows;
  /** Slots and multiplicities shown so far; null until asked for after a start, when it follows from the restored rows. */
  #shown: Map<number, number> | null = null;
  #changed = false;

  constructor(spec: TopNSpec, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    const types = environment.inputColumns[0]!.map((column) => column.type);
    this.#rows = new OrderedRows(types, spec.orderBy);
    environment.registerState(this.#rows.state);
  }

  processBatch(_input: number, batch: Batch): void {
    this.#shown ??= this.#rows.window(this.#spec.offset, this.#spec.limit);
    this.#changed = true;
    this.#rows.apply(batch);
  }

  processBarrier(_barrier: Barrier, out: Output): void {
    if (!this.#changed) return;
    this.#changed = false;
    const gone = this.#rows.settle();
    if (gone === null) throw new SqlError({ code: SqlState.internalError, message: 'a row of a top-n has a negative count' });
    const { offset, limit } = this.#spec;
    const shown = this.#rows.window(offset, limit);
    this.#emitChange(this.#shown!, shown, out);
    this.#shown = shown;
    this.#rows.remove(gone);
    if (this.#environment.inputAppendOnly[0] && limit !== null) this.#rows.remove(this.#rows.beyond(offset + limit));
  }

  #emitChange(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>, out: Output): void {
    const slots: number[] = [];
    const weights: number[] = [];
    const add = (slot: number, weight: number): void => {
      if (weight === 0) return;
      slots.push(slot);
      weights.push(weight);
    };
    for (const [slot, count] of before) add(slot, Math.min(0, (after.get(slot) ?? 0) - count));
    for (const [slot, count] of after) add(slot, Math.max(0, count - (before.get(slot) ?? 0)));
    if (slots.length === 0) return;
    const columns = this.#rows.columnsOf(Int32Array.from(slots));
    emitInBatches(new Batch(slots.length, columns, Int32Array.from(weights)), this.#environment.batchRows, out);
  }
}

export const topNFactory: OperatorFactory = {
  kind: topNSpecCodec.kind,
  version: topNSpecCodec.version,
  create: (parameters, environment) => new TopN(topNSpecCodec.decode(parameters), environment),
};
