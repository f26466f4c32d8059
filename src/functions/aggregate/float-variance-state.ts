import type { ExpressionJson } from '../../expr/index.ts';
import type { Datum } from '../../types/index.ts';
import { FRACTION_BITS, ratio, toFixedPoint } from './fixed-point.ts';
import type { VarianceForm } from './numeric-states.ts';
import type { AggregateState } from './state-accumulator.ts';

/** variance and stddev of floats. Values and squares are summed as integers (fixed point), so that retraction leaves no residue. */
export class FloatVarianceState implements AggregateState {
  readonly #form: VarianceForm;
  #count = 0;
  /** Values that are not finite: the result is NaN while there are any. */
  #notFinite = 0;
  #sum = 0n;
  #squares = 0n;

  constructor(form: VarianceForm) {
    this.#form = form;
  }

  add(args: readonly (Datum | null)[], weight: number): void {
    const value = args[0] as number | null;
    if (value === null) return;
    this.#count += weight;
    if (!Number.isFinite(value)) {
      this.#notFinite += weight;
      return;
    }
    const fixed = toFixedPoint(value);
    this.#sum += fixed * BigInt(weight);
    this.#squares += fixed * fixed * BigInt(weight);
  }

  result(): Datum | null {
    const { sample, squareRoot } = this.#form;
    if (this.#count <= (sample ? 1 : 0)) return null;
    if (this.#notFinite > 0) return Number.NaN;
    const count = BigInt(this.#count);
    const spread = count * this.#squares - this.#sum * this.#sum;
    if (spread <= 0n) return 0;
    const variance = ratio(spread, (count * (sample ? count - 1n : count)) << (2n * FRACTION_BITS));
    return squareRoot ? Math.sqrt(variance) : variance;
  }

  toJson(): ExpressionJson {
    return { count: this.#count, notFinite: this.#notFinite, sum: String(this.#sum), squares: String(this.#squares) };
  }

  mergeJson(json: ExpressionJson): void {
    const other = json as { count: number; notFinite: number; sum: string; squares: string };
    this.#count += other.count;
    this.#notFinite += other.notFinite;
    this.#sum += BigInt(other.sum);
    this.#squares += BigInt(other.squares);
  }
}
