import { SqlError, SqlState } from '../../base/index.ts';
import type { BinaryReader, BinaryWriter } from '../binary-bytes.ts';
import type { Decimal } from '../datum.ts';
import { absBigint, INFINITY_DECIMAL, NAN_DECIMAL, NEGATIVE_INFINITY_DECIMAL, powerOfTen } from './decimal.ts';

const POSITIVE = 0x0000;
const NEGATIVE = 0x4000;
const NAN = 0xc000;
const INFINITY = 0xd000;
const NEGATIVE_INFINITY = 0xf000;
const BASE_DIGITS = 4;

/** numeric_send: int16 digit count, weight of the first digit, sign, display scale, then digits in base 10000. */
export function writeBinaryNumeric(writer: BinaryWriter, value: Decimal): void {
  if (value.special !== undefined) {
    const sign = value.special === 'NaN' ? NAN : value.special === 'Infinity' ? INFINITY : NEGATIVE_INFINITY;
    // The three specials have no digits; PostgreSQL sends infinities with a scale that no reader looks at.
    for (const part of [0, 0, sign, value.special === 'NaN' ? 0 : 0x20]) writer.int16(part);
    return;
  }
  const fractionGroups = Math.ceil(value.scale / BASE_DIGITS);
  const scaled = absBigint(value.mantissa) * powerOfTen(fractionGroups * BASE_DIGITS - value.scale);
  const text = scaled === 0n ? '' : scaled.toString();
  const padded = text.padStart(Math.ceil(text.length / BASE_DIGITS) * BASE_DIGITS, '0');
  const digits: number[] = [];
  for (let at = 0; at < padded.length; at += BASE_DIGITS) digits.push(Number(padded.slice(at, at + BASE_DIGITS)));
  const weight = digits.length === 0 ? 0 : digits.length - 1 - fractionGroups;
  while (digits.length > 0 && digits[digits.length - 1] === 0) digits.pop();
  writer.int16(digits.length);
  writer.int16(weight);
  writer.int16(value.mantissa < 0n ? NEGATIVE : POSITIVE);
  writer.int16(value.scale);
  for (const digit of digits) writer.int16(digit);
}

export function readBinaryNumeric(reader: BinaryReader): Decimal {
  const count = reader.int16();
  const weight = reader.int16();
  const sign = reader.int16() & 0xffff;
  const scale = reader.int16() & 0xffff;
  if (sign === NAN) return NAN_DECIMAL;
  if (sign === INFINITY) return INFINITY_DECIMAL;
  if (sign === NEGATIVE_INFINITY) return NEGATIVE_INFINITY_DECIMAL;
  if (count < 0 || (sign !== POSITIVE && sign !== NEGATIVE) || scale > 0x3fff) throw malformed('invalid sign or scale in external "numeric" value');
  let mantissa = 0n;
  for (let i = 0; i < count; i++) {
    const digit = reader.int16();
    if (digit < 0 || digit > 9999) throw malformed('invalid digit in external "numeric" value');
    mantissa = mantissa * 10_000n + BigInt(digit);
  }
  const shift = (weight + 1 - count) * BASE_DIGITS + scale;
  const scaled = shift >= 0 ? mantissa * powerOfTen(shift) : mantissa / powerOfTen(-shift);
  return { mantissa: sign === NEGATIVE ? -scaled : scaled, scale };
}

function malformed(message: string): SqlError {
  return new SqlError({ code: SqlState.invalidBinaryRepresentation, message });
}
