import type { Column, FixedColumn } from '../../batch/index.ts';
import type { AccumulatorInput } from '../../spi/index.ts';
import { fitsInt32 } from '../../types/index.ts';
import { grownFloat64, loadSlots, mergeSlots, saveSlots } from './float-slots.ts';

const UINT32 = 4294967296;
/** A limb is carried into the next one above this, which leaves room to add one more product exactly below 2^53. */
const CARRY_LIMIT = 2 ** 51;
/** Weights up to this times a 32-bit word stay below 2^52. */
const WEIGHT_MAX = 2 ** 20;

/**
 * Sums of 64-bit integers, exact: total = top * 2^64 + high * 2^32 + low with three doubles that hold integers below 2^53. No BigInt in the loop.
 */
export class ExactIntegerSums {
  #low = new Float64Array(64);
  #high = new Float64Array(64);
  #top = new Float64Array(64);

  ensureCapacity(groupCount: number): void {
    this.#low = grownFloat64(this.#low, groupCount);
    this.#high = grownFloat64(this.#high, groupCount);
    this.#top = grownFloat64(this.#top, groupCount);
  }

  add(input: AccumulatorInput, column: FixedColumn): void {
    if (input.weights !== null && hasLargeWeight(input.weights, input.rowCount)) this.#addSlowly(input, column);
    else if (fitsInt32(column.type)) this.#addNarrow(input, column);
    else this.#addWide(input, column);
  }

  reset(group: number): void {
    this.#low[group] = 0;
    this.#high[group] = 0;
    this.#top[group] = 0;
  }

  /** The total as a double when it is a safe integer, else NaN. */
  safeTotal(group: number): number {
    const total = this.#high[group]! * UINT32 + this.#low[group]!;
    return this.#top[group] === 0 && Number.isSafeInteger(total) && Math.abs(this.#high[group]!) < 2 ** 20 ? total : Number.NaN;
  }

  total(group: number): bigint {
    return (BigInt(this.#top[group]!) << 64n) + (BigInt(this.#high[group]!) << 32n) + BigInt(this.#low[group]!);
  }

  save(groups: Int32Array, count: number): Column[] {
    return [this.#low, this.#high, this.#top].map((limb) => saveSlots(limb, groups, count));
  }

  load(groups: Int32Array, count: number, columns: readonly Column[]): void {
    [this.#low, this.#high, this.#top].forEach((limb, index) => {
      loadSlots(limb, groups, count, columns[index]!);
    });
  }

  merge(groups: Int32Array, count: number, columns: readonly Column[]): void {
    [this.#low, this.#high, this.#top].forEach((limb, index) => {
      mergeSlots(limb, groups, count, columns[index]!);
    });
    for (let index = 0; index < count; index++) this.#carry(groups[index]!);
  }

  #addNarrow(input: AccumulatorInput, column: FixedColumn): void {
    const { rowCount, groups, weights } = input;
    const words = column.i32;
    const valid = column.valid;
    const low = this.#low;
    for (let row = 0; row < rowCount; row++) {
      if (valid !== null && valid[row] === 0) continue;
      const group = groups[row]!;
      const sum = low[group]! + (weights === null ? words[2 * row]! : words[2 * row]! * weights[row]!);
      low[group] = sum;
      if (sum > CARRY_LIMIT || sum < -CARRY_LIMIT) this.#carry(group);
    }
  }

  #addWide(input: AccumulatorInput, column: FixedColumn): void {
    const { rowCount, groups, weights } = input;
    const words = column.i32;
    const valid = column.valid;
    const low = this.#low;
    const high = this.#high;
    for (let row = 0; row < rowCount; row++) {
      if (valid !== null && valid[row] === 0) continue;
      const group = groups[row]!;
      const weight = weights === null ? 1 : weights[row]!;
      const lowSum = low[group]! + (words[2 * row]! >>> 0) * weight;
      const highSum = high[group]! + words[2 * row + 1]! * weight;
      low[group] = lowSum;
      high[group] = highSum;
      if (lowSum > CARRY_LIMIT || lowSum < -CARRY_LIMIT || highSum > CARRY_LIMIT || highSum < -CARRY_LIMIT) this.#carry(group);
    }
  }

  #addSlowly(input: AccumulatorInput, column: FixedColumn): void {
    for (let row = 0; row < input.rowCount; row++) {
      if (column.valid !== null && column.valid[row] === 0) continue;
      const group = input.groups[row]!;
      const total = this.total(group) + column.i64[row]! * BigInt(input.weights![row]!);
      this.#low[group] = Number(BigInt.asUintN(32, total));
      this.#high[group] = Number(BigInt.asUintN(32, total >> 32n));
      this.#top[group] = Number(total >> 64n);
    }
  }

  #carry(group: number): void {
    const fromLow = Math.floor(this.#low[group]! / UINT32);
    this.#low[group]! -= fromLow * UINT32;
    const high = this.#high[group]! + fromLow;
    const fromHigh = Math.abs(high) > CARRY_LIMIT ? Math.floor(high / UINT32) : 0;
    this.#high[group] = high - fromHigh * UINT32;
    this.#top[group]! += fromHigh;
  }
}

function hasLargeWeight(weights: Int32Array, rowCount: number): boolean {
  for (let row = 0; row < rowCount; row++) {
    if (weights[row]! > WEIGHT_MAX || weights[row]! < -WEIGHT_MAX) return true;
  }
  return false;
}
