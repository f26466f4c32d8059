import { type BytesColumn, type Column, ColumnBuilder, isNull, readDatum } from '../../batch/index.ts';
import type { ExpressionJson } from '../../expr/index.ts';
import type { Accumulator, AccumulatorInput } from '../../spi/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';
import { byteaType } from './float-slots.ts';

/** An aggregate whose groups need more than a few numbers: one state object a group. Weights may be negative. */
export interface AggregateState {
  add(args: readonly (Datum | null)[], weight: number): void;
  result(): Datum | null;
  toJson(): ExpressionJson;
  /** Adds what toJson of another state has given. */
  mergeJson(json: ExpressionJson): void;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Runs an AggregateState for each group. For the aggregates whose values are objects anyway; hot ones have flat accumulators of their own. */
export class StateAccumulator implements Accumulator {
  readonly stateTypes = [byteaType];
  readonly #resultType: SqlType;
  readonly #create: () => AggregateState;
  readonly #states: (AggregateState | undefined)[] = [];

  constructor(resultType: SqlType, create: () => AggregateState) {
    this.#resultType = resultType;
    this.#create = create;
  }

  ensureCapacity(): void {}

  update(input: AccumulatorInput): void {
    for (let row = 0; row < input.rowCount; row++) {
      const values = input.args.map((column) => readDatum(column, row));
      this.#state(input.groups[row]!).add(values, input.weights === null ? 1 : input.weights[row]!);
    }
  }

  reset(group: number): void {
    this.#states[group] = undefined;
  }

  result(groups: Int32Array, count: number, onError: (position: number, error: unknown) => void): Column {
    const builder = new ColumnBuilder(this.#resultType, count);
    for (let index = 0; index < count; index++) {
      try {
        builder.append((this.#states[groups[index]!] ?? this.#create()).result());
      } catch (error) {
        onError(index, error);
        builder.appendNull();
      }
    }
    return builder.finish();
  }

  save(groups: Int32Array, count: number): readonly Column[] {
    const builder = new ColumnBuilder(byteaType, count);
    for (let index = 0; index < count; index++) {
      const state = this.#states[groups[index]!];
      if (state === undefined) builder.appendNull();
      else builder.append(encoder.encode(JSON.stringify(state.toJson())));
    }
    return [builder.finish()];
  }

  load(groups: Int32Array, count: number, columns: readonly Column[]): void {
    for (let index = 0; index < count; index++) this.reset(groups[index]!);
    this.merge(groups, count, columns);
  }

  merge(groups: Int32Array, count: number, columns: readonly Column[]): void {
    const column = columns[0] as BytesColumn;
    for (let index = 0; index < count; index++) {
      if (isNull(column, index)) continue;
      const text = decoder.decode(column.data.subarray(column.starts[index]!, column.ends[index]!));
      this.#state(groups[index]!).mergeJson(JSON.parse(text) as ExpressionJson);
    }
  }

  #state(group: number): AggregateState {
    let state = this.#states[group];
    if (state === undefined) {
      state = this.#create();
      this.#states[group] = state;
    }
    return state;
  }
}
