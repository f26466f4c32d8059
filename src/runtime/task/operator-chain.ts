import type { Barrier, Batch } from '../../batch/index.ts';
import type { Operator, Output } from '../../spi/index.ts';

/** `watermarkMicros` is null where the watermark has not advanced. */
export interface EpochEnd {
  readonly barrier: Barrier;
  readonly watermarkMicros: bigint | null;
}

/** Operators joined by direct calls: what one emits is the next one's input before its call returns. */
export class OperatorChain {
  readonly #operators: readonly Operator[];
  readonly #outputs: readonly Output[];
  /** The operator that the end of an epoch has come to, and whether it has begun it. */
  #ending = 0;
  #begun = false;

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

  /**
   * Ends an epoch in one operator after the other: the watermark, where it has advanced, then the barrier, as they would come over a channel. Called again until it says
   * `passed`. `more`: there is more to do; `waiting`: until something asynchronous has happened.
   */
  endEpoch({ barrier, watermarkMicros }: EpochEnd): 'passed' | 'more' | 'waiting' {
    for (; this.#ending < this.#operators.length; this.#ending++) {
      const operator = this.#operators[this.#ending]!;
      const out = this.#outputs[this.#ending]!;
      if (!this.#begun) {
        if (watermarkMicros !== null) operator.processWatermark?.(watermarkMicros, out);
        operator.processBarrier?.(barrier, out);
        this.#begun = true;
      }
      const result = operator.continueBarrier?.(barrier, out) ?? 'done';
      if (result !== 'done') return result;
      this.#begun = false;
    }
    for (const operator of this.#operators) if (operator.barrierReady?.(barrier) === false) return 'waiting';
    this.#ending = 0;
    return 'passed';
  }

  ready(): boolean {
    for (const operator of this.#operators) if (operator.ready?.() === false) return false;
    return true;
  }

  /** See Operator.spillMs: of all operators. */
  spillMs(): number {
    return this.#operators.reduce((sum, operator) => sum + (operator.spillMs?.() ?? 0), 0);
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
