import { SqlError, SqlState } from '../../base/index.ts';
import type { Decimal } from '../datum.ts';
import { invalidTextError } from '../type-error.ts';
import {
  absBigint,
  INFINITY_DECIMAL,
  INTEGER_DIGITS_MAX,
  NAN_DECIMAL,
  NEGATIVE_INFINITY_DECIMAL,
  powerOfTen,
  SCALE_MAX,
  ZERO_DECIMAL,
} from './decimal.ts';

const DECIMAL_PATTERN = /^[+-]?(?:(\d+(?:_\d+)*)(?:\.((?:\d+(?:_\d+)*)?))?|\.(\d+(?:_\d+)*))(?:[eE]([+-]?\d+(?:_\d+)*))?$/;
const RADIX_PATTERN = /^([+-]?)(0[xX](?:_?[0-9a-fA-F]+)+|0[oO](?:_?[0-7]+)+|0[bB](?:_?[01]+)+)$/;
const SPECIALS: Record<string, Decimal> = {
  nan: NAN_DECIMAL,
  inf: INFINITY_DECIMAL,
  infinity: INFINITY_DECIMAL,
  '+inf': INFINITY_DECIMAL,
  '+infinity': INFINITY_DECIMAL,
  '-inf': NEGATIVE_INFINITY_DECIMAL,
  '-infinity': NEGATIVE_INFINITY_DECIMAL,
};

/** PostgreSQL's numeric_in: digits with underscores, exponents, hexadecimal, octal and binary integers, NaN and infinities. */
export function parseDecimal(text: string): Decimal {
  const trimmed = text.trim();
  const match = DECIMAL_PATTERN.exec(trimmed);
  if (match === null) return parseUnusual(trimmed, text);
  const whole = (match[1] ?? '').replaceAll('_', '');
  const fraction = (match[2] ?? match[3] ?? '').replaceAll('_', '');
  const exponent = match[4] === undefined ? 0 : Number(match[4].replaceAll('_', ''));
  if (Math.abs(exponent) > 2 ** 30) throw overflowError();
  const mantissa = BigInt(whole + fraction);
  const signed = trimmed.startsWith('-') ? -mantissa : mantissa;
  const scale = fraction.length - exponent;
  if (scale > SCALE_MAX && mantissa !== 0n) throw overflowError();
  if (scale >= 0) return checkedDecimal({ mantissa: signed, scale: Math.min(scale, SCALE_MAX) });
  if (mantissa === 0n) return ZERO_DECIMAL;
  if (-scale > INTEGER_DIGITS_MAX) throw overflowError();
  return checkedDecimal({ mantissa: signed * powerOfTen(-scale), scale: 0 });
}

/** Plain digits, never an exponent; `scale` fractional digits. */
export function formatDecimal(value: Decimal): string {
  if (value.special !== undefined) return value.special;
  if (value.scale === 0) return value.mantissa.toString();
  const digits = absBigint(value.mantissa)
    .toString()
    .padStart(value.scale + 1, '0');
  const point = digits.length - value.scale;
  return `${value.mantissa < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** 22003 where the value has more digits than numeric can hold. */
export function checkedDecimal(value: Decimal): Decimal {
  // A bound on the bits is cheap and settles nearly every value; 3.3219 bits make a digit.
  const { mantissa } = value;
  if (mantissa < SAFE_BOUND && mantissa > -SAFE_BOUND) return value;
  if (absBigint(mantissa).toString().length - value.scale > INTEGER_DIGITS_MAX) throw overflowError();
  return value;
}

const SAFE_BOUND = 1n << 4096n;

function parseUnusual(trimmed: string, text: string): Decimal {
  const special = SPECIALS[trimmed.toLowerCase()];
  if (special !== undefined) return special;
  const radix = RADIX_PATTERN.exec(trimmed);
  if (radix === null) throw invalidTextError('numeric', text);
  const mantissa = BigInt(radix[2]!.replaceAll('_', ''));
  return checkedDecimal({ mantissa: radix[1] === '-' ? -mantissa : mantissa, scale: 0 });
}

function overflowError(): SqlError {
  return new SqlError({ code: SqlState.numericValueOutOfRange, message: 'value overflows numeric format' });
}
