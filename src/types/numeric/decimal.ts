import type { Decimal } from '../datum.ts';

/** Digits PostgreSQL's numeric allows before and after the decimal point. */
export const INTEGER_DIGITS_MAX = 131072;
export const SCALE_MAX = 16383;

export const NAN_DECIMAL: Decimal = { mantissa: 0n, scale: 0, special: 'NaN' };
export const INFINITY_DECIMAL: Decimal = { mantissa: 0n, scale: 0, special: 'Infinity' };
export const NEGATIVE_INFINITY_DECIMAL: Decimal = { mantissa: 0n, scale: 0, special: '-Infinity' };
export const ZERO_DECIMAL: Decimal = { mantissa: 0n, scale: 0 };
export const ONE_DECIMAL: Decimal = { mantissa: 1n, scale: 0 };

const CACHED_POWERS = 64;
const powers: bigint[] = [];
for (let exponent = 0, value = 1n; exponent < CACHED_POWERS; exponent++, value *= 10n) powers.push(value);

/** Ten to the power of a non-negative integer. */
export function powerOfTen(exponent: number): bigint {
  return exponent < CACHED_POWERS ? powers[exponent]! : 10n ** BigInt(exponent);
}

export function decimal(mantissa: bigint, scale = 0): Decimal {
  return { mantissa, scale };
}

export function decimalFromInteger(value: bigint | number): Decimal {
  return { mantissa: BigInt(value), scale: 0 };
}

export function absBigint(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Quotient rounded half away from zero; `divisor` is positive. */
export function divideRounded(value: bigint, divisor: bigint): bigint {
  const doubled = absBigint(value) * 2n + divisor;
  const quotient = doubled / (divisor * 2n);
  return value < 0n ? -quotient : quotient;
}

/**
 * The value with `scale` digits after the point, rounded half away from zero. A negative scale rounds to tens, hundreds …
 * and leaves scale 0.
 */
export function roundDecimal(value: Decimal, scale: number): Decimal {
  if (value.special !== undefined) return value;
  const limited = Math.max(-INTEGER_DIGITS_MAX, Math.min(SCALE_MAX, scale));
  if (limited >= value.scale) return { mantissa: value.mantissa * powerOfTen(limited - value.scale), scale: limited };
  const rounded = divideRounded(value.mantissa, powerOfTen(value.scale - limited));
  return limited >= 0 ? { mantissa: rounded, scale: limited } : { mantissa: rounded * powerOfTen(-limited), scale: 0 };
}

/** Like roundDecimal, towards zero. */
export function truncateDecimal(value: Decimal, scale: number): Decimal {
  if (value.special !== undefined) return value;
  const limited = Math.max(-INTEGER_DIGITS_MAX, Math.min(SCALE_MAX, scale));
  if (limited >= value.scale) return { mantissa: value.mantissa * powerOfTen(limited - value.scale), scale: limited };
  const cut = value.mantissa / powerOfTen(value.scale - limited);
  return limited >= 0 ? { mantissa: cut, scale: limited } : { mantissa: cut * powerOfTen(-limited), scale: 0 };
}

/** The same value with as few fractional digits as possible (numeric's trim_scale); the key form of a decimal. */
export function trimDecimal(value: Decimal): Decimal {
  if (value.special !== undefined || value.scale === 0) return value;
  if (value.mantissa === 0n) return ZERO_DECIMAL;
  let { mantissa, scale } = value;
  while (scale >= 16 && mantissa % powers[16]! === 0n) {
    mantissa /= powers[16]!;
    scale -= 16;
  }
  while (scale > 0 && mantissa % 10n === 0n) {
    mantissa /= 10n;
    scale--;
  }
  return { mantissa, scale };
}

/** Order of PostgreSQL: -Infinity, numbers, Infinity, NaN; NaN equals NaN. */
export function compareDecimals(left: Decimal, right: Decimal): number {
  if (left.special !== undefined || right.special !== undefined) return specialRank(left) - specialRank(right);
  let a = left.mantissa;
  let b = right.mantissa;
  if (left.scale < right.scale) a *= powerOfTen(right.scale - left.scale);
  else if (left.scale > right.scale) b *= powerOfTen(left.scale - right.scale);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Number of decimal digits of a positive integer; 0 has one. */
export function digitCount(value: bigint): number {
  return absBigint(value).toString().length;
}

/** -1, 0 or 1; NaN counts as 1. */
export function decimalSign(value: Decimal): number {
  if (value.special !== undefined) return value.special === '-Infinity' ? -1 : 1;
  return value.mantissa < 0n ? -1 : value.mantissa > 0n ? 1 : 0;
}

/** Weight and leading digit in base 10000, the units PostgreSQL chooses result scales in. Zero has weight 0 and digit 0. */
export function baseTenThousand(value: Decimal): { weight: number; leading: number } {
  if (value.mantissa === 0n) return { weight: 0, leading: 0 };
  const digits = absBigint(value.mantissa).toString();
  const exponent = digits.length - 1 - value.scale;
  const weight = Math.floor(exponent / 4);
  const count = exponent - weight * 4 + 1;
  return { weight, leading: Number(digits.slice(0, count).padEnd(count, '0')) };
}

function specialRank(value: Decimal): number {
  switch (value.special) {
    case undefined:
      return 0;
    case '-Infinity':
      return -1;
    case 'Infinity':
      return 1;
    default:
      return 2;
  }
}
