import { type Column, ColumnBuilder, type FixedColumn } from '../../batch/index.ts';
import type { Accumulator, AccumulatorInput } from '../../spi/index.ts';
import { float8Type, grownFloat64, loadSlots, mergeSlots, saveSlots } from './float-slots.ts';

/** bool_and, every and bool_or, from the numbers of true and of false values. */
export class BooleanAccumulator implements Accumulator {
  readonly stateTypes = [float8Type, float8Type];
  readonly #conjunction: boolean;
  #trueCounts = new Float64Array(64);
  #falseCounts = new Float64Array(64);

  constructor(conjunction: boolean) {
    this.#conjunction = conjunction;
  }

  ensureCapacity(groupCount: number): void {
    this.#trueCounts = grownFloat64(this.#trueCounts, groupCount);
    this.#falseCounts = grownFloat64(this.#falseCounts, groupCount);
  }

  update(input: AccumulatorInput): void {
    const { rowCount, groups, weights } = input;
    const { i32, valid } = input.args[0] as FixedColumn;
    for (let row = 0; row < rowCount; row++) {
      if (valid !== null && valid[row] === 0) continue;
      const counts = i32[2 * row] === 0 ? this.#falseCounts : this.#trueCounts;
      counts[groups[row]!]! += weights === null ? 1 : weights[row]!;
    }
  }

  reset(group: number): void {
    this.#trueCounts[group] = 0;
    this.#falseCounts[group] = 0;
  }

  result(groups: Int32Array, count: number): Column {
    const builder = new ColumnBuilder({ kind: 'bool' }, count);
    for (let index = 0; index < count; index++) {
      const trueCount = this.#trueCounts[groups[index]!]!;
      const falseCount = this.#falseCounts[groups[index]!]!;
      if (trueCount + falseCount === 0) builder.appendNull();
      else builder.append(this.#conjunction ? falseCount === 0 : trueCount > 0);
    }
    return builder.finish();
  }

  save(groups: Int32Array, count: number): readonly Column[] {
    return [saveSlots(this.#trueCounts, groups, count), saveSlots(this.#falseCounts, groups, count)];
  }

  load(groups: Int32Array, count: number, columns: readonly Column[]): void {
    loadSlots(this.#trueCounts, groups, count, columns[0]!);
    loadSlots(this.#falseCounts, groups, count, columns[1]!);
  }

  merge(groups: Int32Array, count: number, columns: readonly Column[]): void {
    mergeSlots(this.#trueCounts, groups, count, columns[0]!);
    mergeSlots(this.#falseCounts, groups, count, columns[1]!);
  }
}
