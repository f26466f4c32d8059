import { SqlError, SqlState } from '../../base/index.ts';
import type { Decimal } from '../datum.ts';
import { outOfRangeError } from '../type-error.ts';
import { INFINITY_DECIMAL, NAN_DECIMAL, NEGATIVE_INFINITY_DECIMAL, roundDecimal } from './decimal.ts';
import { formatDecimal, parseDecimal } from './decimal-text.ts';

/** Significant digits PostgreSQL keeps when a float becomes numeric (FLT_DIG and DBL_DIG). */
const FLOAT4_DIGITS = 6;
const FLOAT8_DIGITS = 15;

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

export function decimalFromFloat8(value: number): Decimal {
  return decimalFromFloat(value, FLOAT8_DIGITS);
}

export function decimalFromFloat4(value: number): Decimal {
  return decimalFromFloat(value, FLOAT4_DIGITS);
}

/** The nearest double, correctly rounded because the text is converted. 22003 beyond the range of doubles. */
export function decimalToFloat8(value: Decimal): number {
  if (value.special !== undefined) return Number(value.special);
  const result = Number(formatDecimal(value));
  if (!Number.isFinite(result)) {
    throw new SqlError({ code: SqlState.numericValueOutOfRange, message: `"${formatDecimal(value)}" is out of range for type double precision` });
  }
  return result;
}

/** The nearest double without any check, for estimates. */
export function decimalToApproximate(value: Decimal): number {
  return value.special === undefined ? Number(formatDecimal(value)) : Number(value.special);
}

/** Rounds half away from zero; specials cannot be integers (0A000) and `typeName` is what overflowed. */
export function decimalToInteger(value: Decimal, typeName: 'bigint' | 'integer' | 'smallint'): bigint {
  if (value.special !== undefined) {
    const what = value.special === 'NaN' ? 'NaN' : 'infinity';
    throw new SqlError({ code: SqlState.featureNotSupported, message: `cannot convert ${what} to ${typeName}` });
  }
  const { mantissa } = roundDecimal(value, 0);
  if (mantissa < INT64_MIN || mantissa > INT64_MAX) throw outOfRangeError(typeName);
  return mantissa;
}

function decimalFromFloat(value: number, digits: number): Decimal {
  if (Number.isNaN(value)) return NAN_DECIMAL;
  if (value === Number.POSITIVE_INFINITY) return INFINITY_DECIMAL;
  if (value === Number.NEGATIVE_INFINITY) return NEGATIVE_INFINITY_DECIMAL;
  const [significand, exponent] = value.toExponential(digits - 1).split('e') as [string, string];
  // C's %g drops trailing zeros, so that 100.5 keeps one fractional digit and not twelve.
  const trimmed = significand.includes('.') ? significand.replace(/\.?0+$/, '') : significand;
  return parseDecimal(`${trimmed}e${exponent}`);
}
