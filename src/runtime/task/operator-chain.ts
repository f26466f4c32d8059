import type { Barrier, Batch } from '../../batch/index.ts';
import type { Operator, Output } from '../../spi/index.ts';

/** Operators joined by direct calls: what one emits is the next one's input before its call returns. */
export class OperatorChain {
  readonly #operators: readonly Operator[];
  readonly #outputs: readonly Output[];

  constructor(operators: readonly Operator[], out: Output) {
    this.#operators = operators;
    const outputs: Output[] = new Array(operators.length);
    for (let index = operators.length - 1; index >= 0; index--) {
      outputs[index] = index === operators.length - 1 ? out : intoNext(operators[index + 1]!, outputs[index + 1]!);
    }
    this.#outputs = outputs;
    this.head = operators.length === 0 ? out : intoNext(operators[0]!, outputs[0]!);
  }

  /** Where rows of a chain with a single input enter; the output itself when the chain is empty. */
  readonly head: Output;

  processBatch(input: number, batch: Batch): void {
    this.#operators[0]!.processBatch(input, batch, this.#outputs[0]!);
  }

  processWatermark(micros: bigint): void {
    for (let index = 0; index < this.#operators.length; index++) this.#operators[index]!.processWatermark?.(micros, this.#outputs[index]!);
  }

  processBarrier(barrier: Barrier): void {
    for (let index = 0; index < this.#operators.length; index++) this.#operators[index]!.processBarrier?.(barrier, this.#outputs[index]!);
  }

  ready(): boolean {
    for (const operator of this.#operators) if (operator.ready?.() === false) return false;
    return true;
  }

  barrierReady(barrier: Barrier): boolean {
    for (const operator of this.#operators) if (operator.barrierReady?.(barrier) === false) return false;
    return true;
  }

  /** The checkpoint of `epoch` is durable: sinks may let go what they held for it. */
  checkpointCommitted(epoch: number): void {
    for (const operator of this.#operators) operator.checkpointCommitted?.(epoch);
  }

  async close(): Promise<void> {
    for (const operator of this.#operators) await operator.close?.();
  }
}

function intoNext(operator: Operator, out: Output): Output {
  return {
    emit: (batch) => {
      if (batch.rowCount > 0) operator.processBatch(0, batch, out);
    },
  };
}
