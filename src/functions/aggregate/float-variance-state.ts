import type { ExpressionJson } from '../../expr/index.ts';
import type { Datum } from '../../types/index.ts';
import type { VarianceForm } from './numeric-states.ts';
import type { AggregateState } from './state-accumulator.ts';

/** The exponent of the smallest double: every double is an integer times two to this power. */
const FRACTION_BITS = 1074n;

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

const slot = new Float64Array(1);
const bits = new BigUint64Array(slot.buffer);

function toFixedPoint(value: number): bigint {
  slot[0] = value;
  const raw = bits[0]!;
  const exponent = (raw >> 52n) & 0x7ffn;
  const fraction = raw & 0xf_ffff_ffff_ffffn;
  // A double is fraction * 2^(exponent - 1075) with the hidden bit, or fraction * 2^-1074 without it.
  const magnitude = exponent === 0n ? fraction : (fraction | 0x10_0000_0000_0000n) << (exponent - 1n);
  return raw >> 63n === 1n ? -magnitude : magnitude;
}

/** numerator / denominator, both positive, as a double: 70 significant bits are more than it can hold. */
function ratio(numerator: bigint, denominator: bigint): number {
  const shift = 70 - (numerator.toString(16).length - denominator.toString(16).length) * 4;
  const quotient = shift >= 0 ? (numerator << BigInt(shift)) / denominator : numerator / (denominator << BigInt(-shift));
  return Number(quotient) * 2 ** -shift;
}
