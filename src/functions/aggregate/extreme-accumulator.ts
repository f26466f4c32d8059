import { type BytesColumn, type Column, ColumnBuilder, type FixedColumn, isNull } from '../../batch/index.ts';
import type { Accumulator, AccumulatorInput } from '../../spi/index.ts';
import { compareFloats, type SqlType } from '../../types/index.ts';
import { grownFloat64 } from './float-slots.ts';

/**
 * min and max of integers and times over rows that are only ever added: one value a group, kept as words. Compared as (high, low), never as BigInt.
 */
export class IntegerExtremeAccumulator implements Accumulator {
  readonly stateTypes: readonly SqlType[];
  readonly #type: SqlType;
  /** 1 for max, -1 for min. */
  readonly #direction: number;
  #slots = new Float64Array(64);
  #words = new Int32Array(this.#slots.buffer);
  #present = new Uint8Array(64);

  constructor(type: SqlType, direction: 1 | -1) {
    this.#type = type;
    this.#direction = direction;
    this.stateTypes = [type];
  }

  ensureCapacity(groupCount: number): void {
    if (groupCount <= this.#present.length) return;
    // Through words: a copy as doubles could change the bits of integers that look like NaN.
    const words = new Int32Array(2 * Math.max(groupCount, this.#present.length * 2));
    words.set(this.#words);
    this.#words = words;
    this.#slots = new Float64Array(words.buffer);
    const present = new Uint8Array(this.#slots.length);
    present.set(this.#present);
    this.#present = present;
  }

  update(input: AccumulatorInput): void {
    const { rowCount, groups } = input;
    const { i32, valid } = input.args[0] as FixedColumn;
    const words = this.#words;
    const present = this.#present;
    const direction = this.#direction;
    for (let row = 0; row < rowCount; row++) {
      if (valid !== null && valid[row] === 0) continue;
      const group = groups[row]!;
      const low = i32[2 * row]!;
      const high = i32[2 * row + 1]!;
      if (present[group] === 1) {
        const heldHigh = words[2 * group + 1]!;
        const order = high === heldHigh ? (low >>> 0) - (words[2 * group]! >>> 0) : high - heldHigh;
        if (order * direction <= 0) continue;
      }
      present[group] = 1;
      words[2 * group] = low;
      words[2 * group + 1] = high;
    }
  }

  reset(group: number): void {
    this.#present[group] = 0;
  }

  result(groups: Int32Array, count: number): Column {
    const builder = new ColumnBuilder(this.#type, count);
    for (let index = 0; index < count; index++) {
      const group = groups[index]!;
      if (this.#present[group] === 0) builder.appendNull();
      else builder.appendWords(this.#words[2 * group]!, this.#words[2 * group + 1]!);
    }
    return builder.finish();
  }

  save(groups: Int32Array, count: number): readonly Column[] {
    return [this.result(groups, count)];
  }

  load(groups: Int32Array, count: number, columns: readonly Column[]): void {
    const column = columns[0] as FixedColumn;
    for (let index = 0; index < count; index++) {
      const group = groups[index]!;
      this.#present[group] = isNull(column, index) ? 0 : 1;
      this.#words[2 * group] = column.i32[2 * index]!;
      this.#words[2 * group + 1] = column.i32[2 * index + 1]!;
    }
  }

  merge(groups: Int32Array, count: number, columns: readonly Column[]): void {
    this.update({ rowCount: count, groups, args: columns, weights: null });
  }
}

/** The same for floats; NaN is the largest value, as in PostgreSQL's float ordering. */
export class FloatExtremeAccumulator implements Accumulator {
  readonly stateTypes: readonly SqlType[];
  readonly #type: SqlType;
  readonly #direction: number;
  #values = new Float64Array(64);
  #present = new Float64Array(64);

  constructor(type: SqlType, direction: 1 | -1) {
    this.#type = type;
    this.#direction = direction;
    this.stateTypes = [type];
  }

  ensureCapacity(groupCount: number): void {
    this.#values = grownFloat64(this.#values, groupCount);
    this.#present = grownFloat64(this.#present, groupCount);
  }

  update(input: AccumulatorInput): void {
    const { rowCount, groups } = input;
    const { f64, valid } = input.args[0] as FixedColumn;
    for (let row = 0; row < rowCount; row++) {
      if (valid !== null && valid[row] === 0) continue;
      const group = groups[row]!;
      if (this.#present[group] === 1 && compareFloats(f64[row]!, this.#values[group]!) * this.#direction <= 0) continue;
      this.#present[group] = 1;
      this.#values[group] = f64[row]!;
    }
  }

  reset(group: number): void {
    this.#present[group] = 0;
  }

  result(groups: Int32Array, count: number): Column {
    const builder = new ColumnBuilder(this.#type, count);
    for (let index = 0; index < count; index++) {
      const group = groups[index]!;
      if (this.#present[group] === 0) builder.appendNull();
      else builder.appendFloat(this.#values[group]!);
    }
    return builder.finish();
  }

  save(groups: Int32Array, count: number): readonly Column[] {
    return [this.result(groups, count)];
  }

  load(groups: Int32Array, count: number, columns: readonly Column[]): void {
    const column = columns[0] as FixedColumn;
    for (let index = 0; index < count; index++) {
      this.#present[groups[index]!] = isNull(column, index) ? 0 : 1;
      this.#values[groups[index]!] = column.f64[index]!;
    }
  }

  merge(groups: Int32Array, count: number, columns: readonly Column[]): void {
    this.update({ rowCount: count, groups, args: columns, weights: null });
  }
}

/** Text and bytes by byte order (the C collation); a copy is kept of the one value held. */
export class BytesExtremeAccumulator implements Accumulator {
  readonly stateTypes: readonly SqlType[];
  readonly #type: SqlType;
  readonly #direction: number;
  readonly #values: (Uint8Array | undefined)[] = [];

  constructor(type: SqlType, direction: 1 | -1) {
    this.#type = type;
    this.#direction = direction;
    this.stateTypes = [type];
  }

  ensureCapacity(): void {}

  update(input: AccumulatorInput): void {
    const { rowCount, groups } = input;
    const column = input.args[0] as BytesColumn;
    const { data, starts, ends, valid } = column;
    for (let row = 0; row < rowCount; row++) {
      if (valid !== null && valid[row] === 0) continue;
      const held = this.#values[groups[row]!];
      if (held !== undefined && compareRange(column, row, held) * this.#direction <= 0) continue;
      this.#values[groups[row]!] = data.slice(starts[row]!, ends[row]!);
    }
  }

  reset(group: number): void {
    this.#values[group] = undefined;
  }

  result(groups: Int32Array, count: number): Column {
    const builder = new ColumnBuilder(this.#type, count);
    for (let index = 0; index < count; index++) {
      const value = this.#values[groups[index]!];
      if (value === undefined) builder.appendNull();
      else builder.appendBytes(value, 0, value.length);
    }
    return builder.finish();
  }

  save(groups: Int32Array, count: number): readonly Column[] {
    return [this.result(groups, count)];
  }

  load(groups: Int32Array, count: number, columns: readonly Column[]): void {
    for (let index = 0; index < count; index++) this.reset(groups[index]!);
    this.merge(groups, count, columns);
  }

  merge(groups: Int32Array, count: number, columns: readonly Column[]): void {
    this.update({ rowCount: count, groups, args: columns, weights: null });
  }
}

function compareRange(column: BytesColumn, row: number, held: Uint8Array): number {
  const { data } = column;
  const start = column.starts[row]!;
  const length = column.ends[row]! - start;
  const shared = Math.min(length, held.length);
  for (let at = 0; at < shared; at++) {
    const difference = data[start + at]! - held[at]!;
    if (difference !== 0) return difference;
  }
  return length - held.length;
}
