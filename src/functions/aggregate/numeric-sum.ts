import { addDecimals, type Decimal, decimalFromInteger, multiplyDecimals } from '../../types/index.ts';

/** JSON form of a NumericSum. */
export interface NumericSumJson {
  readonly [key: string]: number | string | readonly (readonly [number, number])[];
  readonly mantissa: string;
  readonly scale: number;
  readonly scales: readonly (readonly [number, number])[];
  readonly nan: number;
  readonly positive: number;
  readonly negative: number;
}

/**
 * An exact sum of numerics under retraction. A sum shows as many digits as the value with the most (PostgreSQL, numeric_accum), so it
 * counts how many values there are of each scale; NaN and the infinities are counted, too.
 */
export class NumericSum {
  #total: Decimal = { mantissa: 0n, scale: 0 };
  readonly #scales = new Map<number, number>();
  #nan = 0;
  #positive = 0;
  #negative = 0;

  add(value: Decimal, weight: number): void {
    if (value.special === 'NaN') this.#nan += weight;
    else if (value.special === 'Infinity') this.#positive += weight;
    else if (value.special === '-Infinity') this.#negative += weight;
    else {
      const times = weight === 1 ? value : multiplyDecimals(value, decimalFromInteger(weight));
      this.#total = addDecimals(this.#total, times);
      this.#countScale(value.scale, weight);
    }
  }

  total(): Decimal {
    if (this.#nan > 0 || (this.#positive > 0 && this.#negative > 0)) return { mantissa: 0n, scale: 0, special: 'NaN' };
    if (this.#positive > 0) return { mantissa: 0n, scale: 0, special: 'Infinity' };
    if (this.#negative > 0) return { mantissa: 0n, scale: 0, special: '-Infinity' };
    let scale = 0;
    for (const present of this.#scales.keys()) scale = Math.max(scale, present);
    // Digits beyond the largest scale present belong to values that are gone; they have cancelled out.
    const surplus = this.#total.scale - scale;
    if (surplus > 0) return { mantissa: this.#total.mantissa / 10n ** BigInt(surplus), scale };
    return { mantissa: this.#total.mantissa * 10n ** BigInt(-surplus), scale };
  }

  toJson(): NumericSumJson {
    return {
      mantissa: String(this.#total.mantissa),
      scale: this.#total.scale,
      scales: [...this.#scales].sort((left, right) => left[0] - right[0]),
      nan: this.#nan,
      positive: this.#positive,
      negative: this.#negative,
    };
  }

  mergeJson(json: NumericSumJson): void {
    this.#total = addDecimals(this.#total, { mantissa: BigInt(json.mantissa), scale: json.scale });
    for (const [scale, count] of json.scales) this.#countScale(scale, count);
    this.#nan += json.nan;
    this.#positive += json.positive;
    this.#negative += json.negative;
  }

  #countScale(scale: number, weight: number): void {
    const count = (this.#scales.get(scale) ?? 0) + weight;
    if (count === 0) this.#scales.delete(scale);
    else this.#scales.set(scale, count);
  }
}
