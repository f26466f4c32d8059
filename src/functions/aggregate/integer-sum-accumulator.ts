import { SqlError, SqlState } from '../../base/index.ts';
import { type Column, ColumnBuilder, type FixedColumn } from '../../batch/index.ts';
import type { Accumulator, AccumulatorInput } from '../../spi/index.ts';
import { type Decimal, divideDecimals, type SqlType } from '../../types/index.ts';
import { addCounts } from './count-accumulator.ts';
import { ExactIntegerSums } from './exact-integer-sums.ts';
import { float8Type, grownFloat64, int8Type, loadSlots, mergeSlots, numericType, saveSlots } from './float-slots.ts';

const INT8_MIN = -(2n ** 63n);
const INT8_MAX = 2n ** 63n - 1n;

/** Appends the aggregate of one group that has at least one value. */
type Finish = (builder: ColumnBuilder, sums: ExactIntegerSums, group: number, count: number) => void;

/** sum and avg of integers: an exact sum and the number of values. */
class IntegerSumAccumulator implements Accumulator {
  readonly stateTypes = [float8Type, float8Type, float8Type, float8Type];
  readonly #resultType: SqlType;
  readonly #finish: Finish;
  readonly #sums = new ExactIntegerSums();
  #counts = new Float64Array(64);

  constructor(resultType: SqlType, finish: Finish) {
    this.#resultType = resultType;
    this.#finish = finish;
  }

  ensureCapacity(groupCount: number): void {
    this.#counts = grownFloat64(this.#counts, groupCount);
    this.#sums.ensureCapacity(groupCount);
  }

  update(input: AccumulatorInput): void {
    const column = input.args[0] as FixedColumn;
    addCounts(this.#counts, input, column.valid);
    this.#sums.add(input, column);
  }

  reset(group: number): void {
    this.#counts[group] = 0;
    this.#sums.reset(group);
  }

  result(groups: Int32Array, count: number, onError: (position: number, error: unknown) => void): Column {
    const builder = new ColumnBuilder(this.#resultType, count);
    for (let index = 0; index < count; index++) {
      const group = groups[index]!;
      if (this.#counts[group] === 0) {
        builder.appendNull();
        continue;
      }
      try {
        this.#finish(builder, this.#sums, group, this.#counts[group]!);
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

/** sum(int2), sum(int4) -> int8. */
export function sumToInt8(): Accumulator {
  return new IntegerSumAccumulator(int8Type, (builder, sums, group) => {
    const safe = sums.safeTotal(group);
    if (!Number.isNaN(safe)) {
      builder.appendSafeInteger(safe);
      return;
    }
    const total = sums.total(group);
    if (total < INT8_MIN || total > INT8_MAX) {
      throw new SqlError({ code: SqlState.numericValueOutOfRange, message: 'bigint out of range' });
    }
    builder.appendBigInt(total);
  });
}

/** sum(int8) -> numeric. */
export function sumToNumeric(): Accumulator {
  return new IntegerSumAccumulator(numericType, (builder, sums, group) => builder.append({ mantissa: sums.total(group), scale: 0 }));
}

/** avg of integers -> numeric, with the scale PostgreSQL's division chooses. */
export function averageToNumeric(): Accumulator {
  return new IntegerSumAccumulator(numericType, (builder, sums, group, count) => {
    const divisor: Decimal = { mantissa: BigInt(count), scale: 0 };
    builder.append(divideDecimals({ mantissa: sums.total(group), scale: 0 }, divisor));
  });
}
