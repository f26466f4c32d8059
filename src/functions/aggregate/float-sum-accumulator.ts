import { type Column, ColumnBuilder, type FixedColumn } from '../../batch/index.ts';
import type { Accumulator, AccumulatorInput } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { addCounts } from './count-accumulator.ts';
import { ExactFloatSums } from './exact-float-sums.ts';
import { byteaType, float8Type, grownFloat64, loadSlots, mergeSlots, saveSlots } from './float-slots.ts';

/** sum and avg of floats over exact sums; `average` divides by the number of values, `float4` rounds the result to single precision. */
export class FloatSumAccumulator implements Accumulator {
  readonly stateTypes = [float8Type, float8Type, float8Type, byteaType];
  readonly #resultType: SqlType;
  readonly #average: boolean;
  readonly #sums = new ExactFloatSums();
  #counts = new Float64Array(64);

  constructor(resultType: SqlType, average: boolean) {
    this.#resultType = resultType;
    this.#average = average;
  }

  ensureCapacity(groupCount: number): void {
    this.#counts = grownFloat64(this.#counts, groupCount);
    this.#sums.ensureCapacity(groupCount);
  }

  update(input: AccumulatorInput): void {
    const { f64, valid } = input.args[0] as FixedColumn;
    const { groups, weights, rowCount } = input;
    addCounts(this.#counts, input, valid);
    for (let row = 0; row < rowCount; row++) {
      if (valid !== null && valid[row] === 0) continue;
      this.#sums.add(groups[row]!, f64[row]!, weights === null ? 1 : weights[row]!);
    }
  }

  reset(group: number): void {
    this.#counts[group] = 0;
    this.#sums.reset(group);
  }

  result(groups: Int32Array, count: number, onError: (position: number, error: unknown) => void): Column {
    const builder = new ColumnBuilder(this.#resultType, count);
    const single = this.#resultType.kind === 'float4';
    for (let index = 0; index < count; index++) {
      const group = groups[index]!;
      const values = this.#counts[group]!;
      if (values === 0) {
        builder.appendNull();
        continue;
      }
      try {
        const total = this.#sums.total(group);
        const value = this.#average ? total / values : total;
        builder.appendFloat(single ? Math.fround(value) : value);
      } catch (error) {
        onError(index, error);
        builder.appendNull();
      }
    }
    return builder.finish();
  }

  save(groups: Int32Array, count: number): readonly Column[] {
    return [saveSlots(this.#counts, groups, count), ...this.#sums.save(groups, count)];
  }

  load(groups: Int32Array, count: number, columns: readonly Column[]): void {
    loadSlots(this.#counts, groups, count, columns[0]!);
    this.#sums.load(groups, count, columns.slice(1));
  }

  merge(groups: Int32Array, count: number, columns: readonly Column[]): void {
    mergeSlots(this.#counts, groups, count, columns[0]!);
    this.#sums.merge(groups, count, columns.slice(1));
  }
}
