import type { Barrier, Batch } from '../../batch/index.ts';
import { type Calc, compileCalc, type EvaluationContext, isImmutable } from '../../expr/index.ts';
import type { Operator, OperatorEnvironment, OperatorFactory, Output } from '../../spi/index.ts';
import { rowText } from '../shared/index.ts';
import { type CalcSpec, calcSpecCodec } from './spec.ts';

/**
 * Filter and projection. now() of an epoch is known only when its barrier comes, so a calc that asks for it holds the epoch's
 * batches until then; any other passes them on at once.
 */
class CalcOperator implements Operator {
  readonly #calc: Calc;
  readonly #environment: OperatorEnvironment;
  readonly #needsEpochTime: boolean;
  #held: Batch[] = [];

  constructor(spec: CalcSpec, environment: OperatorEnvironment) {
    const { functions, interpreted } = environment;
    this.#environment = environment;
    this.#calc = compileCalc({ ...spec, inputColumns: environment.inputColumns[0]!, functions, interpreted });
    const expressions = spec.predicate === null ? spec.projections : [spec.predicate, ...spec.projections];
    this.#needsEpochTime = !expressions.every((expression) => isImmutable(expression, functions));
  }

  processBatch(_input: number, batch: Batch, out: Output): void {
    if (this.#needsEpochTime) this.#held.push(batch);
    else this.#run(batch, TIMELESS, out);
  }

  processBarrier(barrier: Barrier, out: Output): void {
    const context: EvaluationContext = { nowMicros: barrier.timestampMicros, timeZone: 'UTC' };
    for (const batch of this.#held) this.#run(batch, context, out);
    this.#held = [];
  }

  #run(batch: Batch, context: EvaluationContext, out: Output): void {
    const result = this.#calc.run(batch, context, (row, error, expression) => {
      const weight = batch.weights === null ? 1 : batch.weights[row]!;
      this.#environment.reportRowError({ error, expression, row: rowText(batch, row), weight });
    });
    if (result !== null) out.emit(result);
  }
}

/** For expressions that do not look at it. */
const TIMELESS: EvaluationContext = { nowMicros: 0n, timeZone: 'UTC' };

export const calcFactory: OperatorFactory = {
  kind: calcSpecCodec.kind,
  version: calcSpecCodec.version,
  create: (parameters, environment) => new CalcOperator(calcSpecCodec.decode(parameters), environment),
};
