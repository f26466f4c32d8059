import type { ExpressionJson } from '../../expr/index.ts';
import { type Datum, type Decimal, decimalFromInteger, divideDecimals, multiplyDecimals, sqrtDecimal, subtractDecimals } from '../../types/index.ts';
import { NumericSum, type NumericSumJson } from './numeric-sum.ts';
import type { AggregateState } from './state-accumulator.ts';

function toDecimal(value: Datum): Decimal {
  return typeof value === 'number' || typeof value === 'bigint' ? decimalFromInteger(value) : (value as Decimal);
}

/** sum(numeric) and avg(numeric). */
export class NumericSumState implements AggregateState {
  readonly #average: boolean;
  readonly #sum = new NumericSum();
  #count = 0;

  constructor(average: boolean) {
    this.#average = average;
  }

  add(args: readonly (Datum | null)[], weight: number): void {
    const value = args[0]!;
    if (value === null) return;
    this.#count += weight;
    this.#sum.add(toDecimal(value), weight);
  }

  result(): Datum | null {
    if (this.#count === 0) return null;
    const total = this.#sum.total();
    return this.#average ? divideDecimals(total, decimalFromInteger(this.#count)) : total;
  }

  toJson(): ExpressionJson {
    return { count: this.#count, sum: this.#sum.toJson() };
  }

  mergeJson(json: ExpressionJson): void {
    const other = json as unknown as { count: number; sum: NumericSumJson };
    this.#count += other.count;
    this.#sum.mergeJson(other.sum);
  }
}

export interface VarianceForm {
  readonly sample: boolean;
  readonly squareRoot: boolean;
}

/** variance and stddev of integers and numerics, from exact sums of values and squares (PostgreSQL, numeric_stddev_internal). */
export class NumericVarianceState implements AggregateState {
  readonly #form: VarianceForm;
  readonly #sum = new NumericSum();
  readonly #squares = new NumericSum();
  #count = 0;

  constructor(form: VarianceForm) {
    this.#form = form;
  }

  add(args: readonly (Datum | null)[], weight: number): void {
    if (args[0] === null || args[0] === undefined) return;
    const value = toDecimal(args[0]);
    this.#count += weight;
    this.#sum.add(value, weight);
    this.#squares.add(value.special ? { mantissa: 0n, scale: 0, special: 'NaN' } : multiplyDecimals(value, value), weight);
  }

  result(): Datum | null {
    const { sample, squareRoot } = this.#form;
    if (this.#count <= (sample ? 1 : 0)) return null;
    const squares = this.#squares.total();
    if (squares.special) return { mantissa: 0n, scale: 0, special: 'NaN' };
    const count = decimalFromInteger(this.#count);
    const sum = this.#sum.total();
    const spread = subtractDecimals(multiplyDecimals(count, squares), multiplyDecimals(sum, sum));
    if (spread.mantissa <= 0n) return { mantissa: 0n, scale: 0 };
    const divisor = multiplyDecimals(count, decimalFromInteger(sample ? this.#count - 1 : this.#count));
    const variance = divideDecimals(spread, divisor);
    return squareRoot ? sqrtDecimal(variance) : variance;
  }

  toJson(): ExpressionJson {
    return { count: this.#count, sum: this.#sum.toJson(), squares: this.#squares.toJson() };
  }

  mergeJson(json: ExpressionJson): void {
    const other = json as unknown as { count: number; sum: NumericSumJson; squares: NumericSumJson };
    this.#count += other.count;
    this.#sum.mergeJson(other.sum);
    this.#squares.mergeJson(other.squares);
  }
}
