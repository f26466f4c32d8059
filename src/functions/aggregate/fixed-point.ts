/** The exponent of the smallest double: every double is an integer times two to this power. */
export const FRACTION_BITS = 1074n;

const slot = new Float64Array(1);
const bits = new BigUint64Array(slot.buffer);

/** The double as an integer times two to the power of -FRACTION_BITS. */
export function toFixedPoint(value: number): bigint {
  slot[0] = value;
  const raw = bits[0]!;
  const exponent = (raw >> 52n) & 0x7ffn;
  const fraction = raw & 0xf_ffff_ffff_ffffn;
  // A double is fraction * 2^(exponent - 1075) with the hidden bit, or fraction * 2^-1074 without it.
  const magnitude = exponent === 0n ? fraction : (fraction | 0x10_0000_0000_0000n) << (exponent - 1n);
  return raw >> 63n === 1n ? -magnitude : magnitude;
}

/** numerator / denominator, which is positive, as a double: 70 significant bits are more than it can hold. */
export function ratio(numerator: bigint, denominator: bigint): number {
  if (numerator < 0n) return -ratio(-numerator, denominator);
  const shift = 70 - (numerator.toString(16).length - denominator.toString(16).length) * 4;
  const quotient = shift >= 0 ? (numerator << BigInt(shift)) / denominator : numerator / (denominator << BigInt(-shift));
  return Number(quotient) * 2 ** -shift;
}
