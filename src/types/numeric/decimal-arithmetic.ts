import { SqlError, SqlState } from '../../base/index.ts';
import type { Decimal } from '../datum.ts';
import { divisionByZeroError } from '../type-error.ts';
import {
  absBigint,
  baseTenThousand,
  decimalSign,
  divideRounded,
  INFINITY_DECIMAL,
  NAN_DECIMAL,
  NEGATIVE_INFINITY_DECIMAL,
  powerOfTen,
  roundDecimal,
  SCALE_MAX,
  truncateDecimal,
  ZERO_DECIMAL,
} from './decimal.ts';
import { checkedDecimal } from './decimal-text.ts';

/** PostgreSQL's NUMERIC_MIN_SIG_DIGITS and NUMERIC_MAX_DISPLAY_SCALE: what divisions and roots aim at. */
export const SIGNIFICANT_DIGITS_MIN = 16;
export const DISPLAY_SCALE_MAX = 1000;

export function addDecimals(left: Decimal, right: Decimal): Decimal {
  if (left.special !== undefined || right.special !== undefined) return addSpecials(left, right);
  if (left.scale === right.scale) return checkedDecimal({ mantissa: left.mantissa + right.mantissa, scale: left.scale });
  const scale = Math.max(left.scale, right.scale);
  const a = left.mantissa * powerOfTen(scale - left.scale);
  const b = right.mantissa * powerOfTen(scale - right.scale);
  return checkedDecimal({ mantissa: a + b, scale });
}

export function subtractDecimals(left: Decimal, right: Decimal): Decimal {
  return addDecimals(left, negateDecimal(right));
}

export function multiplyDecimals(left: Decimal, right: Decimal): Decimal {
  if (left.special !== undefined || right.special !== undefined) return signedInfinity(left, right);
  const product = { mantissa: left.mantissa * right.mantissa, scale: left.scale + right.scale };
  return checkedDecimal(product.scale > SCALE_MAX ? roundDecimal(product, SCALE_MAX) : product);
}

/** Division with the scale PostgreSQL's select_div_scale chooses: at least 16 significant digits, never less than either input's scale. */
export function divideDecimals(left: Decimal, right: Decimal): Decimal {
  if (left.special === 'NaN' || right.special === 'NaN') return NAN_DECIMAL;
  if (left.special !== undefined) {
    if (right.special !== undefined) return NAN_DECIMAL;
    if (right.mantissa === 0n) throw divisionByZeroError();
    return signedInfinity(left, right);
  }
  if (right.special !== undefined) return ZERO_DECIMAL;
  if (right.mantissa === 0n) throw divisionByZeroError();
  return checkedDecimal(divideToScale(left, right, divisionScale(left, right)));
}

/** left / right rounded half away from zero to `scale` digits; both finite, right not zero. */
export function divideToScale(left: Decimal, right: Decimal, scale: number): Decimal {
  const shift = scale + right.scale - left.scale;
  const numerator = shift >= 0 ? left.mantissa * powerOfTen(shift) : left.mantissa;
  const denominator = absBigint(right.mantissa) * (shift < 0 ? powerOfTen(-shift) : 1n);
  return { mantissa: divideRounded(right.mantissa < 0n ? -numerator : numerator, denominator), scale };
}

/** The integer quotient, truncated towards zero, scale 0 (numeric's div). */
export function divideTruncated(left: Decimal, right: Decimal): Decimal {
  if (left.special !== undefined || right.special !== undefined) return divideDecimals(left, right);
  if (right.mantissa === 0n) throw divisionByZeroError();
  const scale = Math.max(left.scale, right.scale);
  const a = left.mantissa * powerOfTen(scale - left.scale);
  const b = right.mantissa * powerOfTen(scale - right.scale);
  return { mantissa: a / b, scale: 0 };
}

/** The remainder has the sign of the dividend and the larger scale of the two. */
export function moduloDecimals(left: Decimal, right: Decimal): Decimal {
  if (left.special === 'NaN' || right.special === 'NaN') return NAN_DECIMAL;
  if (left.special !== undefined) {
    if (right.special === undefined && right.mantissa === 0n) throw divisionByZeroError();
    return NAN_DECIMAL;
  }
  if (right.special !== undefined) return left;
  if (right.mantissa === 0n) throw divisionByZeroError();
  const scale = Math.max(left.scale, right.scale);
  const a = left.mantissa * powerOfTen(scale - left.scale);
  const b = right.mantissa * powerOfTen(scale - right.scale);
  return { mantissa: a % b, scale };
}

export function negateDecimal(value: Decimal): Decimal {
  if (value.special === undefined) return { mantissa: -value.mantissa, scale: value.scale };
  if (value.special === 'NaN') return value;
  return value.special === 'Infinity' ? NEGATIVE_INFINITY_DECIMAL : INFINITY_DECIMAL;
}

export function absDecimal(value: Decimal): Decimal {
  return decimalSign(value) < 0 ? negateDecimal(value) : value;
}

export function floorDecimal(value: Decimal): Decimal {
  const cut = truncateDecimal(value, 0);
  if (cut.special !== undefined || value.mantissa >= 0n || cut.mantissa * powerOfTen(value.scale) === value.mantissa) return cut;
  return { mantissa: cut.mantissa - 1n, scale: 0 };
}

export function ceilDecimal(value: Decimal): Decimal {
  return negateDecimal(floorDecimal(negateDecimal(value)));
}

/** Greatest common divisor, with the larger scale of the two. */
export function gcdDecimals(left: Decimal, right: Decimal): Decimal {
  if (left.special !== undefined || right.special !== undefined) return NAN_DECIMAL;
  const scale = Math.max(left.scale, right.scale);
  let a = absBigint(left.mantissa * powerOfTen(scale - left.scale));
  let b = absBigint(right.mantissa * powerOfTen(scale - right.scale));
  while (b !== 0n) [a, b] = [b, a % b];
  return { mantissa: a, scale };
}

function divisionScale(left: Decimal, right: Decimal): number {
  const a = baseTenThousand(left);
  const b = baseTenThousand(right);
  const quotientWeight = a.weight - b.weight - (a.leading <= b.leading ? 1 : 0);
  const wanted = Math.max(SIGNIFICANT_DIGITS_MIN - quotientWeight * 4, left.scale, right.scale, 0);
  return Math.min(wanted, DISPLAY_SCALE_MAX);
}

function addSpecials(left: Decimal, right: Decimal): Decimal {
  if (left.special === 'NaN' || right.special === 'NaN') return NAN_DECIMAL;
  if (left.special === undefined) return right;
  if (right.special === undefined || left.special === right.special) return left;
  return NAN_DECIMAL;
}

function signedInfinity(left: Decimal, right: Decimal): Decimal {
  if (left.special === 'NaN' || right.special === 'NaN') return NAN_DECIMAL;
  const sign = decimalSign(left) * decimalSign(right);
  if (sign === 0) return NAN_DECIMAL;
  return sign > 0 ? INFINITY_DECIMAL : NEGATIVE_INFINITY_DECIMAL;
}

/** numeric(p,s): rounds to the scale, 22003 where more than p - s digits stand before the point. */
export function applyNumericModifier(value: Decimal, precision: number, scale: number): Decimal {
  if (value.special === 'NaN') return value;
  const detail = `A field with precision ${precision}, scale ${scale} must round to an absolute value less than ${precision === scale ? '1' : `10^${precision - scale}`}.`;
  if (value.special !== undefined) {
    throw new SqlError({
      code: SqlState.numericValueOutOfRange,
      message: 'numeric field overflow',
      detail: `A field with precision ${precision}, scale ${scale} cannot hold an infinite value.`,
    });
  }
  const rounded = value.scale === scale ? value : roundDecimal(value, scale);
  const integerDigits = precision - scale;
  const limit = integerDigits >= 0 ? powerOfTen(integerDigits + rounded.scale) : powerOfTen(Math.max(0, rounded.scale + integerDigits));
  if (absBigint(rounded.mantissa) >= limit) throw new SqlError({ code: SqlState.numericValueOutOfRange, message: 'numeric field overflow', detail });
  return rounded;
}
