import type { ExpressionJson } from '../../expr/index.ts';
import type { Datum } from '../../types/index.ts';
import { FRACTION_BITS, ratio, toFixedPoint } from './fixed-point.ts';
import type { AggregateState } from './state-accumulator.ts';

/** Sums over pairs (y, x), exact: doubles as fixed-point integers, so that retraction leaves no residue. */
export class PairSums {
  count = 0;
  /** Pairs with a value that is not finite: every result is NaN while there are any. */
  notFinite = 0;
  x = 0n;
  y = 0n;
  xx = 0n;
  yy = 0n;
  xy = 0n;

  get averageX(): number {
    return this.#average(this.x);
  }

  get averageY(): number {
    return this.#average(this.y);
  }

  get squaresX(): number {
    return this.#spread(this.#countedXX());
  }

  get squaresY(): number {
    return this.#spread(this.#countedYY());
  }

  get products(): number {
    return this.#spread(this.#countedXY());
  }

  /** Divided by the number of pairs less `lost`. */
  covariance(lost: 0 | 1): number {
    if (this.notFinite > 0) return Number.NaN;
    return ratio(this.#countedXY(), (BigInt(this.count) * BigInt(this.count - lost)) << (2n * FRACTION_BITS));
  }

  correlation(): number | null {
    if (this.notFinite > 0) return Number.NaN;
    if (this.#countedXX() === 0n || this.#countedYY() === 0n) return null;
    const squared = ratio(this.#countedXY() * this.#countedXY(), this.#countedXX() * this.#countedYY());
    return Math.min(1, Math.sqrt(squared)) * (this.#countedXY() < 0n ? -1 : 1);
  }

  determination(): number | null {
    if (this.notFinite > 0) return Number.NaN;
    if (this.#countedXX() === 0n) return null;
    if (this.#countedYY() === 0n) return 1;
    return ratio(this.#countedXY() * this.#countedXY(), this.#countedXX() * this.#countedYY());
  }

  slope(): number | null {
    if (this.notFinite > 0) return Number.NaN;
    return this.#countedXX() === 0n ? null : ratio(this.#countedXY(), this.#countedXX());
  }

  intercept(): number | null {
    if (this.notFinite > 0) return Number.NaN;
    const spread = this.#countedXX();
    if (spread === 0n) return null;
    return ratio(this.y * spread - this.x * this.#countedXY(), (BigInt(this.count) * spread) << FRACTION_BITS);
  }

  /** The number of pairs times the sum of squared distances from the average. */
  #countedXX(): bigint {
    return BigInt(this.count) * this.xx - this.x * this.x;
  }

  #countedYY(): bigint {
    return BigInt(this.count) * this.yy - this.y * this.y;
  }

  #countedXY(): bigint {
    return BigInt(this.count) * this.xy - this.x * this.y;
  }

  #average(sum: bigint): number {
    return this.notFinite > 0 ? Number.NaN : ratio(sum, BigInt(this.count) << FRACTION_BITS);
  }

  #spread(counted: bigint): number {
    return this.notFinite > 0 ? Number.NaN : ratio(counted, BigInt(this.count) << (2n * FRACTION_BITS));
  }
}

type SavedSums = readonly [number, number, string, string, string, string, string];

/** covar, corr and regr of floats. */
export class RegressionState implements AggregateState {
  readonly #value: (sums: PairSums) => Datum | null;
  readonly #sums = new PairSums();

  constructor(value: (sums: PairSums) => Datum | null) {
    this.#value = value;
  }

  add(args: readonly (Datum | null)[], weight: number): void {
    const [y, x] = args as readonly (number | null)[];
    if (y === null || x === null) return;
    const sums = this.#sums;
    sums.count += weight;
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      sums.notFinite += weight;
      return;
    }
    const times = BigInt(weight);
    const [fixedX, fixedY] = [toFixedPoint(x!), toFixedPoint(y!)];
    sums.x += fixedX * times;
    sums.y += fixedY * times;
    sums.xx += fixedX * fixedX * times;
    sums.yy += fixedY * fixedY * times;
    sums.xy += fixedX * fixedY * times;
  }

  result(): Datum | null {
    return this.#value(this.#sums);
  }

  toJson(): ExpressionJson {
    const { count, notFinite, x, y, xx, yy, xy } = this.#sums;
    return [count, notFinite, String(x), String(y), String(xx), String(yy), String(xy)];
  }

  mergeJson(json: ExpressionJson): void {
    const [count, notFinite, x, y, xx, yy, xy] = json as unknown as SavedSums;
    const sums = this.#sums;
    sums.count += count;
    sums.notFinite += notFinite;
    sums.x += BigInt(x);
    sums.y += BigInt(y);
    sums.xx += BigInt(xx);
    sums.yy += BigInt(yy);
    sums.xy += BigInt(xy);
  }
}
