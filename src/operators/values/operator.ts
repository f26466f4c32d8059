import { type Batch, batchFromRows } from '../../batch/index.ts';
import type { OperatorEnvironment, Output, SourceOperator, SourceOperatorFactory, Split, SplitCut, SplitStatus } from '../../spi/index.ts';
import { emitInBatches } from '../shared/index.ts';
import { type ValuesSpec, valuesSpecCodec } from './spec.ts';

/** Constant rows. One subtask emits them in one go; its progress is position 0 or 1 of a split it names itself. */
class Values implements SourceOperator {
  readonly watermarkDelayMicros = null;
  readonly #rows: Batch;
  readonly #environment: OperatorEnvironment;
  #split = 'values';
  #position: number;
  #limit: number | null = null;

  constructor(spec: ValuesSpec, environment: OperatorEnvironment) {
    this.#environment = environment;
    this.#rows = batchFromRows(spec.types, spec.rows);
    this.#position = environment.subtaskIndex === 0 ? 0 : 1;
  }

  poll(_rowsMax: number, out: Output): 'progress' | 'finished' | 'blocked' {
    if (this.#position > 0) return 'finished';
    if (this.#limit !== null && this.#limit <= 0) return 'blocked';
    this.#position = 1;
    emitInBatches(this.#rows, this.#environment.batchRows, out);
    return 'progress';
  }

  assign(splits: readonly { readonly split: Split; readonly from: SplitCut }[]): void {
    const first = splits[0];
    if (first === undefined) return;
    this.#split = first.split.id;
    this.#position = first.from.position;
  }

  cut(): readonly SplitCut[] {
    const finished = this.#position > 0;
    return [{ split: this.#split, position: this.#position, maxEventMicros: null, floorMicros: null, idle: false, finished, future: [] }];
  }

  limit(positions: ReadonlyMap<string, number> | null): void {
    this.#limit = positions === null ? null : (positions.get(this.#split) ?? this.#position);
  }

  limitReached(): boolean {
    return this.#limit !== null && this.#position >= this.#limit;
  }

  watermarkDecided(): void {}

  status(): readonly SplitStatus[] {
    return [{ split: this.#split, endPosition: 1, finished: this.#position > 0 }];
  }

  problem(): null {
    return null;
  }

  setFields(): void {}

  async close(): Promise<void> {}
}

export const valuesFactory: SourceOperatorFactory = {
  kind: valuesSpecCodec.kind,
  version: valuesSpecCodec.version,
  createSource: (parameters, environment) => new Values(valuesSpecCodec.decode(parameters), environment),
};
