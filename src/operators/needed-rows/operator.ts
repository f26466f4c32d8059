import { type Batch, gatherBatch, sliceBatch } from '../../batch/index.ts';
import { type Calc, compileCalc, type EvaluationContext, type Expression } from '../../expr/index.ts';
import type { Operator, OperatorEnvironment, OperatorFactory, Output } from '../../spi/index.ts';
import { type NeededRowsSpec, neededRowsSpecCodec } from './spec.ts';

/** The predicate depends on its row alone. */
const TIMELESS: EvaluationContext = { nowMicros: 0n, timeZone: 'UTC' };

/** Lets needed rows through until there are enough, says so, and drops the rest. Each subtask goes by its own: together they let at most so many times as many through. */
class NeededRows implements Operator {
  readonly #environment: OperatorEnvironment;
  readonly #filter: Calc | null;
  #missing: number;

  constructor({ predicate, enough }: NeededRowsSpec, environment: OperatorEnvironment) {
    this.#environment = environment;
    this.#missing = enough ?? Number.POSITIVE_INFINITY;
    this.#filter = predicate === null ? null : filterBy(predicate, environment);
  }

  processBatch(_input: number, batch: Batch, out: Output): void {
    if (this.#missing === 0) return;
    if (this.#filter === null) {
      this.#emit(batch, out);
      return;
    }
    const failing: number[] = [];
    const needed = this.#filter.run(batch, TIMELESS, (row) => failing.push(row));
    if (needed !== null) this.#emit(needed, out);
    if (failing.length > 0) this.#emit(gatherBatch(batch, Int32Array.from(failing), failing.length), out);
  }

  #emit(rows: Batch, out: Output): void {
    if (this.#missing === 0) return;
    const taken = Math.min(this.#missing, rows.rowCount);
    this.#missing -= taken;
    out.emit(sliceBatch(rows, 0, taken));
    if (this.#missing === 0) this.#environment.reportEnough();
  }
}

function filterBy(predicate: Expression, { inputColumns, functions, interpreted }: OperatorEnvironment): Calc {
  const columns = inputColumns[0]!;
  const projections = columns.map(({ name, type }, index): Expression => ({ kind: 'column', index, name, type }));
  return compileCalc({ predicate, projections, inputColumns: columns, functions, interpreted });
}

export const neededRowsFactory: OperatorFactory = {
  kind: neededRowsSpecCodec.kind,
  version: neededRowsSpecCodec.version,
  create: (parameters, environment) => new NeededRows(neededRowsSpecCodec.decode(parameters), environment),
};
