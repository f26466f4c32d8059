import { SqlError, SqlState } from '../../base/index.ts';
import type { Decimal } from '../datum.ts';
import {
  absBigint,
  baseTenThousand,
  compareDecimals,
  decimal,
  decimalSign,
  digitCount,
  divideRounded,
  INFINITY_DECIMAL,
  NAN_DECIMAL,
  NEGATIVE_INFINITY_DECIMAL,
  ONE_DECIMAL,
  powerOfTen,
  roundDecimal,
  trimDecimal,
  ZERO_DECIMAL,
} from './decimal.ts';
import { DISPLAY_SCALE_MAX, divideToScale, SIGNIFICANT_DIGITS_MIN, subtractDecimals } from './decimal-arithmetic.ts';
import { decimalToApproximate } from './decimal-conversion.ts';
import { checkedDecimal } from './decimal-text.ts';

/** Digits computed beyond the wanted scale, so that the last one is rounded from exact ones. */
const GUARD_DIGITS = 12;
/** PostgreSQL's NUMERIC_MAX_RESULT_SCALE. */
const RESULT_SCALE_MAX = 2000;
const LOG10_OF_E = Math.LOG10E;
/** exp of anything above is more than 131072 digits. */
const EXP_INPUT_MAX = 301_809;

export function sqrtDecimal(value: Decimal): Decimal {
  if (value.special === 'NaN' || value.special === 'Infinity') return value;
  if (decimalSign(value) < 0) {
    throw new SqlError({ code: SqlState.invalidArgumentForPowerFunction, message: 'cannot take square root of a negative number' });
  }
  const rootWeight = (baseTenThousand(value).weight + 1) * 2 - 1;
  const scale = displayScale(SIGNIFICANT_DIGITS_MIN - rootWeight, value.scale);
  const shift = 2 * (scale + 1) - value.scale;
  const root = integerSquareRoot(shift >= 0 ? value.mantissa * powerOfTen(shift) : value.mantissa / powerOfTen(-shift));
  return roundDecimal({ mantissa: root, scale: scale + 1 }, scale);
}

export function expDecimal(value: Decimal): Decimal {
  if (value.special !== undefined) return value.special === '-Infinity' ? ZERO_DECIMAL : value;
  const approximate = decimalToApproximate(value);
  if (approximate > EXP_INPUT_MAX) throw overflowError();
  const weight = Math.trunc(Math.max(-RESULT_SCALE_MAX, Math.min(RESULT_SCALE_MAX, approximate * LOG10_OF_E)));
  const scale = displayScale(SIGNIFICANT_DIGITS_MIN - weight, value.scale);
  if (approximate < -EXP_INPUT_MAX) return decimal(0n, scale);
  return checkedDecimal(expToScale(value, scale));
}

export function lnDecimal(value: Decimal): Decimal {
  checkLogarithm(value);
  if (value.special !== undefined) return value;
  return lnToScale(value, displayScale(SIGNIFICANT_DIGITS_MIN - lnWeight(value), value.scale));
}

/** Logarithm of `value` to `base`. */
export function logDecimal(base: Decimal, value: Decimal): Decimal {
  if (base.special === 'NaN' || value.special === 'NaN') return NAN_DECIMAL;
  checkLogarithm(base);
  checkLogarithm(value);
  if (value.special === 'Infinity') return base.special === 'Infinity' ? NAN_DECIMAL : INFINITY_DECIMAL;
  if (base.special === 'Infinity') return ZERO_DECIMAL;
  const baseWeight = lnWeight(base);
  const valueWeight = lnWeight(value);
  const resultWeight = valueWeight - baseWeight;
  const scale = displayScale(SIGNIFICANT_DIGITS_MIN - resultWeight, Math.max(base.scale, value.scale));
  const working = scale + GUARD_DIGITS + Math.abs(baseWeight) + Math.abs(valueWeight);
  const denominator = lnToScale(base, working);
  if (denominator.mantissa === 0n) throw new SqlError({ code: SqlState.divisionByZero, message: 'division by zero' });
  return divideToScale(lnToScale(value, working), denominator, scale);
}

export function powerDecimal(base: Decimal, exponent: Decimal): Decimal {
  if (base.special !== undefined || exponent.special !== undefined) return powerOfSpecials(base, exponent);
  const whole = trimDecimal(exponent);
  if (base.mantissa === 0n && exponent.mantissa < 0n) {
    throw new SqlError({ code: SqlState.invalidArgumentForPowerFunction, message: 'zero raised to a negative power is undefined' });
  }
  if (base.mantissa < 0n && whole.scale > 0) {
    throw new SqlError({
      code: SqlState.invalidArgumentForPowerFunction,
      message: 'a negative number raised to a non-integer power yields a complex result',
    });
  }
  if (whole.scale === 0 && absBigint(whole.mantissa) <= 0x7fffffffn) return integerPower(base, Number(whole.mantissa), exponent.scale);
  if (base.mantissa === 0n) return decimal(0n, SIGNIFICANT_DIGITS_MIN);
  return generalPower(base, exponent);
}

function generalPower(base: Decimal, exponent: Decimal): Decimal {
  const positive = decimal(absBigint(base.mantissa), base.scale);
  const approximateLn = decimalToApproximate(lnToScale(positive, 20 + Math.max(0, lnWeight(positive)))) * decimalToApproximate(exponent);
  if (approximateLn > EXP_INPUT_MAX) throw overflowError();
  const weight = Math.trunc(Math.max(-RESULT_SCALE_MAX, Math.min(RESULT_SCALE_MAX, approximateLn * LOG10_OF_E)));
  const scale = displayScale(SIGNIFICANT_DIGITS_MIN - weight, Math.max(base.scale, exponent.scale));
  const working = scale + GUARD_DIGITS + Math.max(0, weight) + digitCount(exponent.mantissa);
  const logarithm = lnToScale(positive, working);
  const product = { mantissa: logarithm.mantissa * exponent.mantissa, scale: logarithm.scale + exponent.scale };
  const result = expToScale(product, scale);
  const odd = exponent.scale === 0 && exponent.mantissa % 2n !== 0n;
  return base.mantissa < 0n && odd ? decimal(-result.mantissa, scale) : result;
}

function integerPower(base: Decimal, exponent: number, exponentScale: number): Decimal {
  const logarithm = base.mantissa === 0n ? 0 : approximateLog10(base) * exponent;
  const floor = Math.max(base.scale, exponentScale);
  const scale = displayScale(SIGNIFICANT_DIGITS_MIN - Math.trunc(Math.max(-RESULT_SCALE_MAX, Math.min(RESULT_SCALE_MAX * 64, logarithm))), floor);
  if (exponent === 0) return roundDecimal(ONE_DECIMAL, scale);
  if (logarithm > 131_072) throw overflowError();
  if (logarithm + 1 < -scale || base.mantissa === 0n) return decimal(0n, scale);
  // Squaring with a bounded number of digits: the exact power of a long mantissa would be astronomically large.
  const digits = Math.max(0, Math.ceil(logarithm)) + scale + GUARD_DIGITS + Math.ceil(Math.log10(Math.abs(exponent) + 1));
  const power = significantPower(base, Math.abs(exponent), digits);
  const result = exponent > 0 ? roundDecimalWide(power, scale) : reciprocal(power, scale);
  return checkedDecimal(result);
}

interface Scaled {
  readonly mantissa: bigint;
  /** May be negative, unlike Decimal's. */
  readonly scale: number;
}

function significantPower(base: Scaled, exponent: number, digits: number): Scaled {
  let result: Scaled = { mantissa: 1n, scale: 0 };
  let factor: Scaled = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = limited({ mantissa: result.mantissa * factor.mantissa, scale: result.scale + factor.scale }, digits);
    if (rest > 1) factor = limited({ mantissa: factor.mantissa * factor.mantissa, scale: factor.scale * 2 }, digits);
  }
  return result;
}

function limited(value: Scaled, digits: number): Scaled {
  const excess = digitCount(value.mantissa) - digits;
  return excess <= 0 ? value : { mantissa: divideRounded(value.mantissa, powerOfTen(excess)), scale: value.scale - excess };
}

function roundDecimalWide(value: Scaled, scale: number): Decimal {
  const shift = scale - value.scale;
  return { mantissa: shift >= 0 ? value.mantissa * powerOfTen(shift) : divideRounded(value.mantissa, powerOfTen(-shift)), scale };
}

function reciprocal(value: Scaled, scale: number): Decimal {
  const shift = scale + value.scale;
  if (shift < 0) return decimal(0n, scale);
  const quotient = divideRounded(powerOfTen(shift), absBigint(value.mantissa));
  return decimal(value.mantissa < 0n ? -quotient : quotient, scale);
}

function powerOfSpecials(base: Decimal, exponent: Decimal): Decimal {
  if (base.special === undefined && compareDecimals(base, ONE_DECIMAL) === 0) return ONE_DECIMAL;
  if (exponent.special === undefined && exponent.mantissa === 0n) return ONE_DECIMAL;
  if (base.special === 'NaN' || exponent.special === 'NaN') return NAN_DECIMAL;
  const value = decimalToApproximate(base) ** decimalToApproximate(exponent);
  if (exponent.special !== undefined && base.special === undefined && base.mantissa === 0n && exponent.special === '-Infinity') {
    throw new SqlError({ code: SqlState.invalidArgumentForPowerFunction, message: 'zero raised to a negative power is undefined' });
  }
  if (Number.isNaN(value)) return compareDecimals(base, decimal(-1n)) === 0 ? ONE_DECIMAL : NAN_DECIMAL;
  if (value === Number.POSITIVE_INFINITY) return INFINITY_DECIMAL;
  if (value === Number.NEGATIVE_INFINITY) return NEGATIVE_INFINITY_DECIMAL;
  return ZERO_DECIMAL;
}

/** e to the value, to `scale` digits: halve the argument until the Taylor series converges quickly, then square back. */
function expToScale(value: Decimal, scale: number): Decimal {
  const approximate = decimalToApproximate(value);
  const magnitude = Math.max(0, Math.ceil(approximate * LOG10_OF_E));
  const halvings = Math.max(0, Math.ceil(Math.log2(Math.max(1, Math.abs(approximate)))) + 8);
  const working = scale + magnitude * 2 + GUARD_DIGITS + halvings;
  const one = powerOfTen(working);
  const argument = divideRounded(value.mantissa * one, powerOfTen(value.scale) << BigInt(halvings));
  let sum = one;
  let term = one;
  for (let n = 1n; term !== 0n; n++) {
    term = (term * argument) / one / n;
    sum += term;
  }
  for (let i = 0; i < halvings; i++) sum = (sum * sum) / one;
  return roundDecimal({ mantissa: sum, scale: working }, scale);
}

/** Natural logarithm by reduction to near one with square roots, then the inverse hyperbolic tangent series. */
function lnToScale(value: Decimal, scale: number): Decimal {
  const working = scale + GUARD_DIGITS * 2;
  const one = powerOfTen(working);
  // value = reduced * 10^exponent with reduced in [0.1, 1): the logarithm of ten is needed once, the series stays short.
  const exponent = digitCount(value.mantissa) - value.scale;
  const shift = working - value.scale - exponent;
  const reduced = shift >= 0 ? value.mantissa * powerOfTen(shift) : divideRounded(value.mantissa, powerOfTen(-shift));
  const nearOne = exponent === 0 || exponent === 1;
  const mantissa = nearOne
    ? lnFixed(divideRounded(value.mantissa * one, powerOfTen(value.scale)), one)
    : lnFixed(reduced, one) + BigInt(exponent) * lnFixed(10n * one, one);
  return roundDecimal({ mantissa, scale: working }, scale);
}

function lnFixed(value: bigint, one: bigint): bigint {
  let x = value;
  let doublings = 0n;
  const upper = one + one / 8n;
  const lower = one - one / 8n;
  // Two more digits for every square root taken keep the doubling afterwards exact enough.
  while (x > upper || x < lower) {
    x = integerSquareRoot(x * one);
    doublings++;
  }
  const ratio = ((x - one) * one) / (x + one);
  const square = (ratio * ratio) / one;
  let sum = 0n;
  let power = ratio;
  for (let n = 1n; power !== 0n; n += 2n) {
    sum += power / n;
    power = (power * square) / one;
  }
  return (sum * 2n) << doublings;
}

/** Largest integer whose square is not above the value. */
function integerSquareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let estimate = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (estimate + value / estimate) >> 1n;
    if (next >= estimate) return estimate;
    estimate = next;
  }
}

/** PostgreSQL's estimate_ln_dweight: the decimal weight of the logarithm's first digit. */
function lnWeight(value: Decimal): number {
  const approximate = decimalToApproximate(value);
  if (approximate >= 0.9 && approximate <= 1.1) {
    const difference = subtractDecimals(value, ONE_DECIMAL);
    if (difference.mantissa === 0n) return 0;
    const { weight, leading } = baseTenThousand(difference);
    return weight * 4 + Math.trunc(Math.log10(leading));
  }
  return Math.trunc(Math.log10(Math.abs(approximateLog10(value) / LOG10_OF_E)));
}

function approximateLog10(value: Decimal): number {
  const digits = absBigint(value.mantissa).toString();
  return Math.log10(Number(`0.${digits.slice(0, 17)}`)) + digits.length - value.scale;
}

function checkLogarithm(value: Decimal): void {
  const sign = decimalSign(value);
  if (sign === 0) throw new SqlError({ code: SqlState.invalidArgumentForLogarithm, message: 'cannot take logarithm of zero' });
  if (sign < 0) throw new SqlError({ code: SqlState.invalidArgumentForLogarithm, message: 'cannot take logarithm of a negative number' });
}

function displayScale(wanted: number, inputScale: number): number {
  return Math.min(Math.max(wanted, inputScale, 0), DISPLAY_SCALE_MAX);
}

function overflowError(): SqlError {
  return new SqlError({ code: SqlState.numericValueOutOfRange, message: 'value overflows numeric format' });
}
