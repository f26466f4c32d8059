import { ByteReader, ByteWriter, SqlError, SqlState } from '../../base/index.ts';
import { type BytesColumn, type Column, ColumnBuilder, isNull } from '../../batch/index.ts';
import { byteaType, grownFloat64, loadSlots, saveSlots } from './float-slots.ts';

/** What does not fit two doubles: further partial sums, and how often each value that is no number was added. */
interface Rest {
  partials: number[];
  notANumber: number;
  positiveInfinities: number;
  negativeInfinities: number;
  /** Finite values whose sum left the range of doubles; the group fails until it is empty. */
  overflowed: boolean;
}

/**
 * Exact sums of doubles: the running sum is a list of non-overlapping partial sums (Shewchuk, "Adaptive Precision Floating-Point
 * Arithmetic", 1997), of which the two largest lie in flat arrays and almost always suffice. The result is the exact sum rounded once, so
 * it does not depend on the order of rows and a retracted row leaves no residue. Infinities and NaN are counted beside it.
 */
export class ExactFloatSums {
  #high = new Float64Array(64);
  #low = new Float64Array(64);
  readonly #rests = new Map<number, Rest>();

  ensureCapacity(groupCount: number): void {
    this.#high = grownFloat64(this.#high, groupCount);
    this.#low = grownFloat64(this.#low, groupCount);
  }

  add(group: number, value: number, weight: number): void {
    if (weight === 1) this.#addOne(group, value);
    else if (weight === -1) this.#addOne(group, -value, -1);
    else this.#addMany(group, value, weight);
  }

  reset(group: number): void {
    this.#high[group] = 0;
    this.#low[group] = 0;
    this.#rests.delete(group);
  }

  /** The exact sum rounded to the nearest double. Errors: 22003 when finite values have overflowed. */
  total(group: number): number {
    const rest = this.#rests.get(group);
    if (rest === undefined) return this.#high[group]! + this.#low[group]!;
    if (rest.notANumber > 0 || (rest.positiveInfinities > 0 && rest.negativeInfinities > 0)) return Number.NaN;
    if (rest.positiveInfinities > 0) return Number.POSITIVE_INFINITY;
    if (rest.negativeInfinities > 0) return Number.NEGATIVE_INFINITY;
    if (rest.overflowed) throw new SqlError({ code: SqlState.numericValueOutOfRange, message: 'value out of range: overflow' });
    return roundPartials([...rest.partials, this.#low[group]!, this.#high[group]!].filter((partial) => partial !== 0));
  }

  save(groups: Int32Array, count: number): Column[] {
    const builder = new ColumnBuilder(byteaType, count);
    for (let index = 0; index < count; index++) {
      const rest = this.#rests.get(groups[index]!);
      if (rest === undefined) builder.appendNull();
      else builder.append(encodeRest(rest));
    }
    return [saveSlots(this.#high, groups, count), saveSlots(this.#low, groups, count), builder.finish()];
  }

  load(groups: Int32Array, count: number, columns: readonly Column[]): void {
    loadSlots(this.#high, groups, count, columns[0]!);
    loadSlots(this.#low, groups, count, columns[1]!);
    const rests = columns[2] as BytesColumn;
    for (let index = 0; index < count; index++) {
      if (isNull(rests, index)) this.#rests.delete(groups[index]!);
      else this.#rests.set(groups[index]!, decodeRest(rests, index));
    }
  }

  merge(groups: Int32Array, count: number, columns: readonly Column[]): void {
    for (const part of [columns[0]!, columns[1]!]) {
      if (part.storage !== 'float') continue;
      for (let index = 0; index < count; index++) this.#addOne(groups[index]!, part.f64[index]!);
    }
    const rests = columns[2] as BytesColumn;
    for (let index = 0; index < count; index++) {
      if (!isNull(rests, index)) this.#mergeRest(groups[index]!, decodeRest(rests, index));
    }
  }

  #mergeRest(group: number, other: Rest): void {
    const rest = this.#rest(group);
    rest.notANumber += other.notANumber;
    rest.positiveInfinities += other.positiveInfinities;
    rest.negativeInfinities += other.negativeInfinities;
    rest.overflowed ||= other.overflowed;
    for (const partial of other.partials) this.#addOne(group, partial);
  }

  #addOne(group: number, value: number, sign = 1): void {
    const high = this.#high[group]!;
    const sum = high + value;
    const virtual = sum - high;
    const error = high - (sum - virtual) + (value - virtual);
    const low = this.#low[group]!;
    const lowSum = low + error;
    const lowVirtual = lowSum - low;
    const left = low - (lowSum - lowVirtual) + (error - lowVirtual);
    if (left === 0 && (this.#rests.size === 0 || !this.#rests.has(group))) {
      this.#high[group] = sum;
      this.#low[group] = lowSum;
      return;
    }
    this.#addRarely(group, value, sign);
  }

  /** A value that is no number, a sum that needs more partials, or a group that has them already. */
  #addRarely(group: number, value: number, sign: number): void {
    const rest = this.#rest(group);
    // A retracted infinity arrives negated; it takes back the one that was added.
    if (Number.isNaN(value)) rest.notANumber += sign;
    else if (!Number.isFinite(value)) {
      if (value > 0 === sign > 0) rest.positiveInfinities += sign;
      else rest.negativeInfinities += sign;
    } else {
      const partials = growPartials([...rest.partials, this.#low[group]!, this.#high[group]!], value);
      if (partials.some((partial) => !Number.isFinite(partial))) rest.overflowed = true;
      else {
        this.#high[group] = partials.pop() ?? 0;
        this.#low[group] = partials.pop() ?? 0;
        rest.partials = partials;
      }
    }
    const empty = rest.partials.length === 0 && rest.notANumber === 0 && rest.positiveInfinities === 0 && rest.negativeInfinities === 0;
    if (empty && !rest.overflowed) this.#rests.delete(group);
  }

  /** value * weight as a sum of value times powers of two, each exact. */
  #addMany(group: number, value: number, weight: number): void {
    const sign = weight < 0 ? -1 : 1;
    if (!Number.isFinite(value)) {
      for (let added = 0; added < Math.abs(weight); added++) this.#addRarely(group, sign * value, sign);
      return;
    }
    let bits = Math.abs(weight);
    for (let scaled = sign * value; bits > 0; scaled *= 2) {
      if (bits % 2 === 1) this.#addOne(group, scaled);
      bits = Math.floor(bits / 2);
    }
  }

  #rest(group: number): Rest {
    let rest = this.#rests.get(group);
    if (rest === undefined) {
      rest = { partials: [], notANumber: 0, positiveInfinities: 0, negativeInfinities: 0, overflowed: false };
      this.#rests.set(group, rest);
    }
    return rest;
  }
}

/** Shewchuk's grow-expansion: partials in ascending magnitude plus one value, again non-overlapping, zeros left out. */
function growPartials(partials: readonly number[], value: number): number[] {
  const result: number[] = [];
  let carry = value;
  for (const partial of partials) {
    const larger = Math.abs(carry) < Math.abs(partial) ? partial : carry;
    const smaller = larger === carry ? partial : carry;
    const sum = larger + smaller;
    const error = smaller - (sum - larger);
    if (error !== 0) result.push(error);
    carry = sum;
  }
  if (carry !== 0) result.push(carry);
  return result;
}

/** Sum of non-overlapping partials in ascending order, rounded to nearest even once (the end of Python's math.fsum). */
function roundPartials(partials: readonly number[]): number {
  let at = partials.length;
  if (at === 0) return 0;
  let high = partials[--at]!;
  let low = 0;
  while (at > 0) {
    const before = high;
    const next = partials[--at]!;
    high = before + next;
    low = next - (high - before);
    if (low !== 0) break;
  }
  if (at > 0 && ((low < 0 && partials[at - 1]! < 0) || (low > 0 && partials[at - 1]! > 0))) {
    const doubled = low * 2;
    const rounded = high + doubled;
    if (doubled === rounded - high) high = rounded;
  }
  return high;
}

function encodeRest(rest: Rest): Uint8Array {
  const writer = new ByteWriter(64);
  writer.float64(rest.notANumber);
  writer.float64(rest.positiveInfinities);
  writer.float64(rest.negativeInfinities);
  writer.uint8(rest.overflowed ? 1 : 0);
  writer.uint32(rest.partials.length);
  for (const partial of rest.partials) writer.float64(partial);
  return writer.take();
}

function decodeRest(column: BytesColumn, row: number): Rest {
  const reader = new ByteReader(column.data.subarray(column.starts[row]!, column.ends[row]!));
  const rest: Rest = {
    notANumber: reader.float64(),
    positiveInfinities: reader.float64(),
    negativeInfinities: reader.float64(),
    overflowed: reader.uint8() === 1,
    partials: [],
  };
  const count = reader.uint32();
  for (let index = 0; index < count; index++) rest.partials.push(reader.float64());
  return rest;
}
