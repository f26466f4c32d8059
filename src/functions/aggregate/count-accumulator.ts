import { type Column, FixedColumn } from '../../batch/index.ts';
import type { Accumulator, AccumulatorInput } from '../../spi/index.ts';
import { float8Type, grownFloat64, int8Type, loadSlots, mergeSlots, saveSlots } from './float-slots.ts';

/** Adds the weights of rows whose value is present to the counter of their group. Doubles: exact to 2^53 rows. */
export function addCounts(counts: Float64Array, input: AccumulatorInput, valid: Uint8Array | null): void {
  const { rowCount, groups, weights } = input;
  if (valid === null && weights === null) {
    for (let row = 0; row < rowCount; row++) counts[groups[row]!]!++;
    return;
  }
  for (let row = 0; row < rowCount; row++) {
    if (valid !== null && valid[row] === 0) continue;
    counts[groups[row]!]! += weights === null ? 1 : weights[row]!;
  }
}

/** count(*), and count(x) when there is an argument: rows whose argument is not NULL. */
export class CountAccumulator implements Accumulator {
  readonly stateTypes = [float8Type];
  #counts = new Float64Array(64);

  ensureCapacity(groupCount: number): void {
    this.#counts = grownFloat64(this.#counts, groupCount);
  }

  update(input: AccumulatorInput): void {
    addCounts(this.#counts, input, input.args[0]?.valid ?? null);
  }

  reset(group: number): void {
    this.#counts[group] = 0;
  }

  result(groups: Int32Array, count: number): Column {
    const slots = new Float64Array(count);
    const words = new Int32Array(slots.buffer);
    for (let index = 0; index < count; index++) {
      const value = this.#counts[groups[index]!]!;
      const high = Math.floor(value / 4294967296);
      words[2 * index] = value - high * 4294967296;
      words[2 * index + 1] = high;
    }
    return new FixedColumn(int8Type, slots, null);
  }

  save(groups: Int32Array, count: number): readonly Column[] {
    return [saveSlots(this.#counts, groups, count)];
  }

  load(groups: Int32Array, count: number, columns: readonly Column[]): void {
    loadSlots(this.#counts, groups, count, columns[0]!);
  }

  merge(groups: Int32Array, count: number, columns: readonly Column[]): void {
    mergeSlots(this.#counts, groups, count, columns[0]!);
  }
}
